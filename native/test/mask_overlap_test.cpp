#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/index_permutation.h"
#include "mask_reference.h"
#include "matrix_file.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using testing::expected_masks;
using testing::integer_svd;
using testing::Matrix;
using testing::MatrixFile;
using testing::Selection;

constexpr std::uint64_t kSeed = 11;

MaskOverlap overlap_of(const MaskOverlapRequest& request, const Svd& svd) {
  Control control;
  MaskOverlap overlap;
  const Status status = mask_overlap(request, svd, control, &overlap);
  INFO(status.message);
  REQUIRE(status.ok());
  CHECK(control.done == control.total);
  return overlap;
}

bool equal(const MaskCounts& a, const MaskCounts& b) {
  return a.size == b.size && a.overlap == b.overlap && a.null_overlap == b.null_overlap && a.exponents == b.exponents;
}

void check_equal(const MaskOverlap& found, const MaskOverlap& wanted) {
  CHECK(found.n == wanted.n);
  CHECK(found.update == wanted.update);
  CHECK(found.null_update == wanted.null_update);
  CHECK(found.exponents == wanted.exponents);
  CHECK(equal(found.principal, wanted.principal));
  CHECK(equal(found.low, wanted.low));
  CHECK(equal(found.principal_not_low, wanted.principal_not_low));
}

/// Multiples of 1/8 up to 1: few magnitudes, both signs and zeros of both signs, exact in every dtype.
Matrix coarse(std::int64_t rows, std::int64_t cols, std::uint64_t seed) {
  Matrix made(rows, cols);
  std::mt19937_64 random(seed);
  for (double& x : made.values) x = (static_cast<double>(random() % 9) / 8) * (random() % 2 == 0 ? 1 : -1);
  return made;
}

/// A third of the entries moved by a little, which may or may not survive rounding.
Matrix nudged(Matrix w, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 2e-3);
  for (double& x : w.values) x += random() % 3 == 0 ? normal(random) : 0;
  return w;
}

Svd decomposed(const MatrixFile& file, std::int64_t k) {
  Control control;
  Svd svd;
  REQUIRE(svd_gram_f64({file.view(), {}, k, 0}, control, &svd).ok());
  return svd;
}

TEST_CASE("all counts agree with a sort over massive ties, in every dtype, shape and share") {
  struct Case {
    std::int64_t rows, cols, k;
    DType before, after;
    Access access;
  };
  for (const Case c : {Case{40, 30, 3, DType::kBF16, DType::kBF16, Access::kMap},
                       {33, 71, 5, DType::kF32, DType::kBF16, Access::kRead},
                       {64, 64, 64, DType::kF16, DType::kF32, Access::kMap},
                       {50, 9, 2, DType::kBF16, DType::kF64, Access::kRead},
                       {20, 20, 1, DType::kF64, DType::kF64, Access::kMap},
                       {1, 700, 1, DType::kBF16, DType::kBF16, Access::kMap},
                       {700, 1, 1, DType::kBF16, DType::kF32, Access::kMap},
                       {1, 1, 1, DType::kBF16, DType::kBF16, Access::kMap}}) {
    CAPTURE(c.rows);
    CAPTURE(c.cols);
    const Matrix w = testing::stored_as(coarse(c.rows, c.cols, 1), c.before);
    const Matrix tuned = testing::stored_as(nudged(w, 2), c.after);
    const MatrixFile before(w, c.before, c.access), after(tuned, c.after, c.access);
    const Svd svd = integer_svd(c.rows, c.cols, c.k, 3);
    for (const double share : {0.0, 0.001, 0.3, 0.5, 0.77, 1.0}) {
      CAPTURE(share);
      const MaskOverlap wanted = expected_masks(w, tuned, svd, Selection{c.k, share, kSeed});
      check_equal(overlap_of({before.view(), after.view(), c.k, share, kSeed}, svd), wanted);
    }
  }
}

TEST_CASE("blocks do not show: more entries than a block, rows longer than a block") {
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{700, 500}, {3, 262'147}, {262'147, 2}}) {
    CAPTURE(rows);
    const Matrix w = coarse(rows, cols, 4), tuned = testing::stored_as(nudged(w, 5), DType::kBF16);
    const MatrixFile before(w, DType::kBF16), after(tuned, DType::kBF16);
    const Svd svd = integer_svd(rows, cols, 2, 6);
    const MaskOverlap wanted = expected_masks(w, tuned, svd, Selection{2, 0.3, kSeed});
    check_equal(overlap_of({before.view(), after.view(), 2, 0.3, kSeed}, svd), wanted);
  }
}

TEST_CASE("a real decomposition, of which only the leading k count") {
  const Matrix w = testing::stored_as(testing::gaussian(90, 60, 7), DType::kBF16);
  const Matrix tuned = testing::stored_as(nudged(w, 8), DType::kBF16);
  const MatrixFile before(w, DType::kBF16), after(tuned, DType::kBF16);
  const Svd svd = decomposed(before, 20);
  for (const std::int64_t k : {1, 7, 20}) {
    const MaskOverlap wanted = expected_masks(w, tuned, svd, Selection{k, 0.3, kSeed});
    check_equal(overlap_of({before.view(), after.view(), k, 0.3, kSeed}, svd), wanted);
  }
}

TEST_CASE("an update of exactly the principal entries, and of exactly the low ones") {
  const Matrix w = testing::stored_as(testing::gaussian(80, 50, 9), DType::kBF16);
  const MatrixFile before(w, DType::kBF16);
  const Svd svd = decomposed(before, 4);
  const std::vector<bool> principal = testing::principal_mask(svd, Selection{4, 0.25, kSeed});
  const std::vector<bool> low = testing::low_mask(w, Selection{4, 0.25, kSeed});
  const auto doubled = [&](const std::vector<bool>& mask) {
    Matrix tuned = w;
    for (std::size_t i = 0; i < mask.size(); ++i) tuned.values[i] *= mask[i] ? 2 : 1;
    return tuned;
  };
  const MatrixFile on_principal(doubled(principal), DType::kBF16), on_low(doubled(low), DType::kBF16);
  const MaskOverlap first = overlap_of({before.view(), on_principal.view(), 4, 0.25, kSeed}, svd);
  CHECK(first.update == 1000);
  CHECK(first.principal.size == 1000);
  CHECK(first.principal.overlap == 1000);
  CHECK(first.principal_not_low.overlap == first.principal_not_low.size);
  CHECK(first.low.overlap == 1000 - first.principal_not_low.size);
  const MaskOverlap second = overlap_of({before.view(), on_low.view(), 4, 0.25, kSeed}, svd);
  CHECK(second.update == 1000);
  CHECK(second.low.overlap == 1000);
  CHECK(second.principal_not_low.overlap == 0);
  CHECK(second.principal.overlap == 1000 - second.principal_not_low.size);
}

/// Whether a count of `trials` entries drawn without regard to a mask of that density is what chance gives, to five
/// deviations.
bool by_chance(std::uint64_t hits, std::uint64_t trials, double density) {
  const double mean = static_cast<double>(trials) * density;
  return std::abs(static_cast<double>(hits) - mean) <= 5 * std::sqrt(mean * (1 - density));
}

TEST_CASE("an update in random places overlaps every mask as its density says") {
  const std::int64_t rows = 300, cols = 200;
  // One binade: whether an update survives rounding does not depend on the weight.
  Matrix w(rows, cols);
  std::mt19937_64 random(10);
  for (double& x : w.values) x = 1 + static_cast<double>(random() % 128) / 128;
  Matrix tuned = w;
  for (double& x : tuned.values) x += random() % 5 == 0 ? -0x1p-7 : 0;
  const MatrixFile before(w, DType::kBF16), after(tuned, DType::kF32);
  const MaskOverlap found = overlap_of({before.view(), after.view(), 8, 0.3, kSeed}, decomposed(before, 8));
  CHECK(found.principal.size == 18'000);
  CHECK(found.low.size == 18'000);
  for (const MaskCounts& mask : {found.principal, found.low, found.principal_not_low}) {
    const double density = static_cast<double>(mask.size) / static_cast<double>(found.n);
    CHECK(by_chance(mask.overlap, found.update, density));
    CHECK(by_chance(mask.null_overlap, found.null_update, density));
  }
}

TEST_CASE("the null has the same updates in other places") {
  // One weight throughout: whether an update survives depends on the update alone, so as many survive as before.
  Matrix w(60, 50);
  std::fill(w.values.begin(), w.values.end(), 1.0);
  Matrix tuned = w;
  std::mt19937_64 random(12);
  for (double& x : tuned.values) x += std::ldexp(static_cast<double>(random() % 5), -9);
  const MatrixFile before(w, DType::kBF16), after(tuned, DType::kF32);
  const MaskOverlap found = overlap_of({before.view(), after.view(), 1, 0.5, kSeed}, integer_svd(60, 50, 1, 1));
  CHECK(found.update > 0);
  CHECK(found.update < found.n);
  CHECK(found.null_update == found.update);
}

TEST_CASE("another seed changes the null and nothing else") {
  const Matrix w = coarse(70, 40, 13), tuned = testing::stored_as(nudged(w, 14), DType::kBF16);
  const MatrixFile before(w, DType::kBF16), after(tuned, DType::kBF16);
  const Svd svd = integer_svd(70, 40, 3, 15);
  const MaskOverlap a = overlap_of({before.view(), after.view(), 3, 0.3, 1}, svd);
  const MaskOverlap same = overlap_of({before.view(), after.view(), 3, 0.3, 1}, svd);
  MaskOverlap b = overlap_of({before.view(), after.view(), 3, 0.3, 2}, svd);
  check_equal(a, same);
  CHECK(a.principal.null_overlap != b.principal.null_overlap);
  b.null_update = a.null_update;
  b.principal.null_overlap = a.principal.null_overlap;
  b.low.null_overlap = a.low.null_overlap;
  b.principal_not_low.null_overlap = a.principal_not_low.null_overlap;
  check_equal(a, b);
}

TEST_CASE("zeros, signs and no update at all") {
  const MatrixFile zero(Matrix(30, 20), DType::kBF16);
  const Svd svd = decomposed(zero, 2);
  const MaskOverlap nothing = overlap_of({zero.view(), zero.view(), 2, 0.1, kSeed}, svd);
  CHECK(nothing.update + nothing.null_update == 0);
  CHECK(nothing.principal.size == 60);
  CHECK(nothing.low.size == 60);
  // All entries tie: both masks are the first 60.
  CHECK(nothing.principal_not_low.size == 0);
  Matrix negative(30, 20);
  std::fill(negative.values.begin(), negative.values.end(), -0.0);
  const MaskOverlap signs = overlap_of({zero.view(), MatrixFile(negative, DType::kBF16).view(), 2, 0.1, kSeed}, svd);
  CHECK(signs.update + signs.null_update == 0);
}

}  // namespace
}  // namespace polarimeter
