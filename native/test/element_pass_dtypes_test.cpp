#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "cpu/element_block.h"
#include "element_reference.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

std::vector<double> normal_values(std::size_t count, unsigned seed, double scale) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0.0, scale);
  std::vector<double> values(count);
  for (auto& value : values) value = normal(random);
  return values;
}

std::vector<float> narrowed(const std::vector<double>& values) { return {values.begin(), values.end()}; }

std::uint16_t top_half(double value) {
  const auto narrow = static_cast<float>(value);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &narrow, sizeof bits);
  return static_cast<std::uint16_t>(bits >> 16U);
}

/// Some f16 code near a value of ordinary size.
std::uint16_t near_f16(double value) {
  if (std::fabs(value) < 0x1p-14) return 0;
  const int exponent = std::ilogb(value);
  const auto mantissa = static_cast<int>((std::fabs(value) / std::ldexp(1.0, exponent) - 1) * 1024);
  return static_cast<std::uint16_t>((value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | mantissa);
}

/// Values in a dtype, the nearest or a neighbour.
Matrix stored_as(DType dtype, const std::vector<double>& values) {
  std::vector<std::uint16_t> codes;
  switch (dtype) {
    case DType::kF64:
      return Matrix::of_f64(values);
    case DType::kF32:
      return Matrix::of_f32(narrowed(values));
    case DType::kF16:
      for (const double value : values) codes.push_back(near_f16(value));
      return Matrix::of_f16(codes);
    case DType::kBF16:
      for (const double value : values) codes.push_back(top_half(value));
      return Matrix::of_bf16(codes);
  }
  return {};
}

void check_all_isas(const std::vector<Matrix>& matrices, Shape shape, RunOptions options) {
  const Expected expected = expected_elements(matrices, shape, options.thresholds, options.profiles);
  for (const Isa isa : available_isas()) {
    CAPTURE(isa_name(isa));
    options.isa = isa;
    check_agrees(run_elements(matrices, shape, options), expected);
  }
}

}  // namespace

TEST_CASE("every pair of dtypes agrees with the definition, at odd offsets, mapped and read") {
  const Shape shape{130, 2111};
  const auto count = static_cast<std::size_t>(shape.rows * shape.cols);
  const std::vector<double> reference = normal_values(count, 1, 0.02);
  std::vector<double> variant = reference;
  const std::vector<double> update = normal_values(count, 2, 1e-4);
  for (std::size_t i = 0; i < count; i += 2) variant[i] += update[i];
  const DType dtypes[] = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16};
  for (const DType first : dtypes) {
    for (const DType second : dtypes) {
      CAPTURE(static_cast<int>(first));
      CAPTURE(static_cast<int>(second));
      RunOptions options;
      options.thresholds = {1e-6F, 1e-5F, 1e-4F};
      options.offset = 3;
      options.access = first == second ? Access::kRead : Access::kMap;
      check_all_isas({stored_as(first, reference), stored_as(second, variant)}, shape, options);
    }
  }
}

TEST_CASE("variants of different dtypes beside each other") {
  const Shape shape{33, 400};
  const std::vector<double> reference = normal_values(33 * 400, 3, 0.05);
  std::vector<double> first = reference;
  std::vector<double> second = reference;
  for (std::size_t i = 0; i < first.size(); i += 3) first[i] *= 1.01;
  for (std::size_t i = 0; i < second.size(); i += 5) second[i] += 0.001;
  RunOptions options;
  options.thresholds = {0.0F, 1e-3F};
  check_all_isas({stored_as(DType::kBF16, reference), stored_as(DType::kF32, first), stored_as(DType::kBF16, second),
                  stored_as(DType::kF16, second), stored_as(DType::kF64, first)},
                 shape, options);
}

TEST_CASE("the same float32 bits below bf16 are changed as stored and unchanged as bf16") {
  std::vector<float> reference(1000, 1024.001F);
  std::vector<float> variant(1000, 1024.002F);
  variant[5] = -0.0F;
  reference[5] = 0.0F;
  for (const Isa isa : available_isas()) {
    RunOptions options;
    options.isa = isa;
    const PairElements pair =
        run_elements({Matrix::of_f32(reference), Matrix::of_f32(variant)}, {10, 100}, options).pairs.at(0);
    CHECK(pair.unchanged_bf16 == 1000);
    CHECK(pair.unchanged_native == 1);
  }
}

TEST_CASE("special float32 and float64 values") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kMax = std::numeric_limits<float>::max();
  constexpr float kTiny = std::numeric_limits<float>::denorm_min();
  const std::vector<float> special = {0.0F, -0.0F,     kNan,      -kNan,         kInf,      -kInf,
                                      kMax, -kMax,     kTiny,     -kTiny,        0x1p-126F, 0x1.FEFEp+127F,
                                      1.0F, 0x1.01p0F, 0x1.03p0F, 0x1.010002p0F, 0x1p-134F, 0x1.8p-133F};
  std::vector<float> reference;
  std::vector<float> variant;
  for (const float a : special) {
    for (const float b : special) {
      reference.push_back(a);
      variant.push_back(b);
    }
  }
  const Shape shape{static_cast<std::int64_t>(special.size()), static_cast<std::int64_t>(special.size())};
  RunOptions options;
  options.thresholds = {0.0F, 1e-5F};
  check_all_isas({Matrix::of_f32(reference), Matrix::of_f32(variant)}, shape, options);
  std::vector<double> wide(variant.begin(), variant.end());
  wide[0] = 1e300;
  wide[1] = 0x1.01p0 + 0x1p-50;  // rounds up; by way of float32 it would be a tie and go down
  wide[2] = 1e-310;
  wide[3] = 0x1.03p0 - 0x1p-50;
  check_all_isas({Matrix::of_f32(reference), Matrix::of_f64(wide)}, shape, options);
}

TEST_CASE("every f16 code is widened exactly") {
  std::vector<std::uint16_t> codes(0x10000);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint16_t>(i);
  const Matrix matrix = Matrix::of_f16(codes);
  std::vector<double> values(static_cast<std::size_t>(kTileElements));
  std::vector<std::uint16_t> rounded(static_cast<std::size_t>(kTileElements));
  for (const Isa isa : available_isas()) {
    int wrong = 0;
    for (std::size_t first = 0; first < codes.size(); first += 1000) {
      const std::size_t count = std::min<std::size_t>(1000, codes.size() - first);
      const auto* const source = reinterpret_cast<const std::byte*>(matrix.bytes.data() + 2 * first);
      element_kernels(isa).widen(DType::kF16, source, static_cast<std::int64_t>(count),
                                 {values.data(), rounded.data()});
      for (std::size_t i = 0; i < count; ++i) {
        const double expected = matrix.values[first + i];
        wrong += values[i] == expected || (std::isnan(values[i]) && std::isnan(expected)) ? 0 : 1;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("float64 rounds to bf16 once") {
  std::mt19937_64 random(5);
  std::vector<double> values(static_cast<std::size_t>(kTileElements));
  for (std::size_t i = 0; i < values.size(); ++i) {
    // Halves between two bf16 numbers, a hair to either side or exactly there.
    const double base =
        std::ldexp(128 + static_cast<double>(random() % 128) + 0.5, static_cast<int>(random() % 270) - 143);
    const double hair = base * 0x1p-50 * static_cast<double>(static_cast<int>(random() % 3) - 1);
    values[i] = (random() % 2 == 0 ? 1 : -1) * (base + hair);
  }
  const Matrix matrix = Matrix::of_f64(values);
  const Matrix zeros = Matrix::of_f64(std::vector<double>(values.size(), 0.0));
  RunOptions options;
  check_all_isas({matrix, zeros}, {1, kTileElements}, options);
  check_all_isas({zeros, matrix}, {1, kTileElements}, options);
}
