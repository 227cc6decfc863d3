#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "polarimeter/ops.h"
#include "scratch_file.h"

using namespace polarimeter;
using polarimeter::testing::ScratchFile;

namespace {

using Counts = std::array<std::uint64_t, kExponents>;

Counts counts_of(const TensorView& view, int threads) {
  Executor executor(threads);
  Control control;
  Counts counts{};
  REQUIRE(exponent_histogram(view, executor, control, &counts).ok());
  CHECK(control.done == control.total);
  return counts;
}

template <typename Float>
TensorView view_of(const ScratchFile& scratch, DType dtype, const std::vector<Float>& values) {
  return {scratch.open(Access::kMap), 0, dtype, 1, static_cast<std::int64_t>(values.size())};
}

/// Numbers of many magnitudes and both signs, well inside the range of half precision.
std::vector<float> sample(std::size_t count) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> exponent(-10, 10);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = (i % 2 == 0 ? 1.0F : -1.0F) * std::exp2(exponent(random));
  return values;
}

std::size_t biased_exponent_of_rounded(double value) {
  // Rounding to 8 bits carries into the next binade from 1.99609375 on.
  int exponent = 0;
  const double mantissa = std::frexp(std::abs(value), &exponent);
  return static_cast<std::size_t>(exponent - 1 + (mantissa >= 0.998046875 ? 1 : 0) + 127);
}

}  // namespace

TEST_CASE("exponents are counted after rounding to bfloat16, for any threads and element type") {
  const std::vector<float> values = sample(600'001);
  Counts expected{};
  for (const float value : values) ++expected[biased_exponent_of_rounded(value)];
  const ScratchFile floats(values.data(), values.size() * sizeof(float));
  for (const int threads : {1, 3}) CHECK(counts_of(view_of(floats, DType::kF32, values), threads) == expected);
  const std::vector<double> wide(values.begin(), values.end());
  const ScratchFile doubles(wide.data(), wide.size() * sizeof(double));
  CHECK(counts_of(view_of(doubles, DType::kF64, wide), 2) == expected);
}

TEST_CASE("zeros and subnormals are exponent 0, NaN and infinity 255") {
  const std::vector<std::uint16_t> codes{0x0000, 0x8000, 0x0001, 0x807f, 0x0080,
                                         0x3f80, 0xbf80, 0x7f80, 0xff80, 0x7fc0};
  const ScratchFile scratch(codes.data(), codes.size() * 2);
  const Counts counts = counts_of(view_of(scratch, DType::kBF16, codes), 1);
  CHECK(counts[0] == 4);
  CHECK(counts[1] == 1);
  CHECK(counts[127] == 2);
  CHECK(counts[255] == 3);
}

TEST_CASE("half precision is widened, its subnormals included") {
  const std::vector<std::uint16_t> halves{0x3c00, 0x0001, 0x7c00, 0x0000};
  const ScratchFile scratch(halves.data(), halves.size() * 2);
  const Counts counts = counts_of(view_of(scratch, DType::kF16, halves), 1);
  CHECK(counts[127] == 1);
  CHECK(counts[127 - 24] == 1);
  CHECK(counts[255] == 1);
  CHECK(counts[0] == 1);
}

TEST_CASE("a histogram of a range past the end of the file fails") {
  const std::vector<std::uint16_t> codes(8);
  const ScratchFile scratch(codes.data(), codes.size() * 2);
  Executor executor(1);
  Control control;
  Counts counts{};
  const TensorView beyond{scratch.open(Access::kMap), 2, DType::kBF16, 1, 8};
  CHECK(exponent_histogram(beyond, executor, control, &counts).code == Code::kFileTooShort);
  control.cancelled = true;
  const TensorView whole{scratch.open(Access::kMap), 0, DType::kBF16, 1, 8};
  CHECK(exponent_histogram(whole, executor, control, &counts).code == Code::kCancelled);
}
