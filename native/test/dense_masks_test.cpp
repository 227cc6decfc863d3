#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "dense_reference.h"
#include "matrix_file.h"

namespace polarimeter {
namespace {

using testing::dense_of;
using testing::gaussian;
using testing::Matrix;
using testing::matrix_of;

/// Where a matrix of ones keeps them.
std::vector<bool> selection(const DenseMask& mask, std::int64_t rows, std::int64_t cols) {
  Matrix ones(rows, cols);
  std::fill(ones.values.begin(), ones.values.end(), 1.0);
  const auto a = dense_of(ones);
  Control control;
  std::uint64_t selected = 0;
  const Status status = dense_keep_where(*a, *dense_of(Matrix(rows, cols)), mask, control, &selected);
  INFO(status.message);
  REQUIRE(status.ok());
  std::vector<bool> kept;
  for (std::int64_t i = 0; i < a->elements(); ++i) kept.push_back(a->data()[i] == 1);
  CHECK(selected == static_cast<std::uint64_t>(std::count(kept.begin(), kept.end(), true)));
  return kept;
}

/// The same by sorting.
std::vector<bool> sorted_selection(const Matrix& by, double share, bool largest) {
  std::vector<std::size_t> order(by.values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const double x = std::abs(by.values[i]), y = std::abs(by.values[j]);
    return largest ? x > y : x < y;
  });
  std::vector<bool> kept(order.size());
  const auto count = static_cast<std::size_t>(std::llround(share * static_cast<double>(order.size())));
  for (std::size_t i = 0; i < count; ++i) kept[order[i]] = true;
  return kept;
}

TEST_CASE("the largest and the smallest magnitudes are those of a stable sort") {
  Matrix fine = gaussian(57, 91, 1);
  // Magnitudes that differ in the last bit alone, both zeros, subnormal numbers, infinities.
  for (std::size_t i = 0; i < 500; ++i)
    fine.values[i] = std::nextafter(1.0, i % 3 == 0 ? 2 : 0) * (i % 2 == 0 ? 1 : -1);
  for (std::size_t i = 500; i < 700; ++i) fine.values[i] = i % 2 == 0 ? 0.0 : -0.0;
  for (std::size_t i = 700; i < 800; ++i) fine.values[i] = std::ldexp(static_cast<double>(i % 5), -1074);
  fine.values[900] = -std::numeric_limits<double>::infinity();
  Matrix coarse = gaussian(57, 91, 2);
  for (double& x : coarse.values) x = std::round(2 * x);
  for (const Matrix& by : {fine, coarse}) {
    for (const double share : {0.0, 1e-9, 0.0002, 0.1, 0.25, 0.5, 0.9, 0.9999, 1.0}) {
      for (const bool largest : {true, false}) {
        DenseMask mask;
        mask.kind = largest ? DenseMaskKind::kLargest : DenseMaskKind::kSmallest;
        mask.by = dense_of(by);
        mask.share = share;
        std::vector<bool> expected = sorted_selection(by, share, largest);
        CHECK(selection(mask, 57, 91) == expected);
        mask.complement = true;
        expected.flip();
        CHECK(selection(mask, 57, 91) == expected);
      }
    }
  }
}

TEST_CASE("entries differ where their bfloat16 does, and zeros do not") {
  const std::vector<double> from = {0.0, 1.0, 1.0, 1.0, -2.0, 1e-60, 3.0, std::nan("")};
  const std::vector<double> to = {-0.0, 1.0, 1.001, 1.01, 2.0, -1e-60, 3.0078125, std::nan("")};
  Matrix by(2, 4), with(2, 4);
  by.values = from;
  with.values = to;
  DenseMask mask;
  mask.kind = DenseMaskKind::kDifferent;
  mask.by = dense_of(by);
  mask.with = dense_of(with);
  // 3.0078125 is half a step above 3: it rounds to even, which is 3.
  CHECK(selection(mask, 2, 4) == std::vector<bool>{false, false, false, true, true, false, false, false});
  const Matrix a = gaussian(100, 200, 1);
  Matrix b = a;
  std::mt19937_64 random(1);
  for (double& x : b.values) x *= 1 + 0.004 * (static_cast<double>(random() % 1000) / 1000 - 0.5);
  mask.by = dense_of(a);
  mask.with = dense_of(b);
  const std::vector<bool> kept = selection(mask, 100, 200);
  std::int64_t wrong = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    wrong += kept[i] == (testing::to_bf16(a.values[i]) != testing::to_bf16(b.values[i])) ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a random mask has its size exactly, follows from the seed, and favours no place") {
  DenseMask mask;
  mask.kind = DenseMaskKind::kRandom;
  mask.share = 0.3;
  constexpr std::int64_t kRows = 40, kCols = 50, kSeeds = 400;
  std::vector<double> hits(kRows * kCols);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    mask.seed = seed;
    const std::vector<bool> kept = selection(mask, kRows, kCols);
    REQUIRE(std::count(kept.begin(), kept.end(), true) == 600);
    for (std::size_t i = 0; i < kept.size(); ++i) hits[i] += kept[i] ? 1 : 0;
  }
  // Chi-square of the hits per place: mean 2000 - 1, standard deviation sqrt(2 * 2000).
  double chi = 0;
  for (const double hit : hits) chi += (hit - 0.3 * kSeeds) * (hit - 0.3 * kSeeds) / (0.3 * 0.7 * kSeeds);
  CHECK(std::abs(chi - 2000) <= 5 * std::sqrt(2 * 2000.0));
  mask.seed = 1;
  const auto first = selection(mask, kRows, kCols);
  CHECK(selection(mask, kRows, kCols) == first);
  mask.complement = true;
  const auto turned = selection(mask, kRows, kCols);
  for (std::size_t i = 0; i < first.size(); ++i) REQUIRE(turned[i] != first[i]);
  mask.complement = false;
  mask.share = 1;
  CHECK(selection(mask, 0, 5).empty());
  CHECK(selection(mask, 1, 3) == std::vector<bool>(3, true));
}

TEST_CASE("masks that mean nothing are refused") {
  Control control;
  std::uint64_t selected = 0;
  Matrix values = gaussian(3, 3, 1);
  const auto a = dense_of(values), b = dense_of(values);
  const auto code = [&](const DenseMask& mask) { return dense_keep_where(*a, *b, mask, control, &selected).code; };
  DenseMask mask;
  mask.share = 0.5;
  CHECK(code(mask) == Code::kInvalidArgument);
  mask.by = a;
  CHECK(code(mask) == Code::kInvalidArgument);
  mask.by = dense_of(gaussian(3, 4, 1));
  CHECK(code(mask) == Code::kInvalidArgument);
  mask.by = b;
  CHECK(code(mask) == Code::kOk);
  for (const double share : {-0.1, 1.1, std::nan("")}) {
    mask.share = share;
    CHECK(code(mask) == Code::kInvalidArgument);
  }
  values(1, 1) = std::nan("");
  mask.share = 0.5;
  mask.by = dense_of(values);
  CHECK(code(mask) == Code::kNotFinite);
  control.cancelled = true;
  mask.by = b;
  CHECK(code(mask) == Code::kCancelled);
}

}  // namespace
}  // namespace polarimeter
