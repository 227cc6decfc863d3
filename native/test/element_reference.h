#pragma once

#include <cstdint>
#include <vector>

#include "polarimeter/ops.h"

namespace polarimeter::testing {

/// A matrix in memory: stored bytes and what they mean, decoded without the code under test.
struct Matrix {
  DType dtype = DType::kBF16;
  std::vector<unsigned char> bytes;
  std::vector<double> values;

  static Matrix of_bf16(const std::vector<std::uint16_t>& codes);
  static Matrix of_f16(const std::vector<std::uint16_t>& codes);
  static Matrix of_f32(const std::vector<float>& values);
  static Matrix of_f64(const std::vector<double>& values);
};

/// The value of bf16 code, by its definition.
double value_of_bf16(std::uint16_t code);

/// Whether a weight is finite, and its nearest bf16 too.
bool is_valid_weight(double value);

/// From one weight to another on the line of all bf16 values, both rounded to the nearest, even where two are.
std::int64_t steps_between_weights(double from, double to);

struct Shape {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

/// What element_pass must return, element by element, sums in long double; and for each sum the sum of the magnitudes
/// of its terms, against which its error is measured.
struct Expected {
  ElementPassResult result;
  std::vector<double> dot_magnitudes;         ///< per pair, sum |w d|
  std::vector<double> update_dot_magnitudes;  ///< (N, N), sum |d_i d_j|
};

Expected expected_elements(const std::vector<Matrix>& matrices, Shape shape, const std::vector<float>& thresholds,
                           bool profiles);

/// Checks counts, histogram and maximum for equality, and sums to the stated relative error.
void check_agrees(const ElementPassResult& result, const Expected& expected);

/// Writes the matrices to files, each `offset` bytes in, runs element_pass and returns what it made of them.
struct RunOptions {
  std::vector<float> thresholds;
  bool profiles = true;
  bool overlaps = true;  ///< where there are two variants or more
  Isa isa = Isa::kScalar;
  int threads = 2;
  Access access = Access::kMap;
  std::uint64_t offset = 0;
};
ElementPassResult run_elements(const std::vector<Matrix>& matrices, Shape shape, const RunOptions& options);

/// Every instruction set that can run here.
std::vector<Isa> available_isas();

}  // namespace polarimeter::testing
