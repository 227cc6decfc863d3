#include "element_reference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "scratch_file.h"

namespace polarimeter::testing {
namespace {

constexpr double kRelativeError = 1e-6;

template <class Stored>
std::vector<unsigned char> bytes_of(const std::vector<Stored>& values) {
  std::vector<unsigned char> bytes(values.size() * sizeof(Stored));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// A float of 1 sign, `exponent_bits` and `mantissa_bits`, by its definition.
double decode(std::uint16_t code, int exponent_bits, int mantissa_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (code >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = code & ((1 << mantissa_bits) - 1);
  double magnitude = 0;
  if (exponent == (1 << exponent_bits) - 1) {
    magnitude = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(mantissa, 1 - bias - mantissa_bits);
  } else {
    magnitude = std::ldexp((1 << mantissa_bits) + mantissa, exponent - bias - mantissa_bits);
  }
  return (code & 0x8000) != 0 ? -magnitude : magnitude;
}

int bf16_exponent(double value) { return std::max(std::ilogb(value), -126); }

/// x rounded to 8 significant bits, nearest even, infinite beyond the largest bf16.
double rounded_to_bf16(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  const double ulp = std::ldexp(1.0, bf16_exponent(x) - 7);
  const double rounded = std::nearbyint(x / ulp) * ulp;
  return std::fabs(rounded) >= 0x1p128 ? std::copysign(std::numeric_limits<double>::infinity(), x) : rounded;
}

/// Position of a bf16 value on the line of all bf16 values, 0 at zero.
std::int64_t position(double value) {
  if (value == 0) return 0;
  const int exponent = bf16_exponent(value);
  const auto steps = static_cast<std::int64_t>(std::fabs(value) / std::ldexp(1.0, exponent - 7));
  const std::int64_t magnitude = (exponent + 126) * std::int64_t{128} + steps;
  return value < 0 ? -magnitude : magnitude;
}

std::size_t bin_of(std::int64_t distance) {
  const std::int64_t upper[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256};
  return static_cast<std::size_t>(std::lower_bound(std::begin(upper), std::end(upper), distance) - std::begin(upper));
}

double squared_ulp(double bf16) { return bf16 == 0 ? 0 : std::ldexp(1.0, 2 * (bf16_exponent(bf16) - 7)); }

/// w' - w: rounded to float32 for pairs of bf16 unless that overflows.
double update_of(double variant, double reference, bool narrow) {
  const float difference = static_cast<float>(variant) - static_cast<float>(reference);
  return narrow && std::isfinite(difference) ? static_cast<double>(difference) : variant - reference;
}

struct Sums {
  long double reference = 0, variant = 0, update = 0, dot = 0, dot_magnitude = 0, ulp = 0;
};

bool is_valid(double value) { return std::isfinite(value) && std::isfinite(rounded_to_bf16(value)); }

bool all_bf16(const std::vector<Matrix>& matrices) {
  return std::all_of(matrices.begin(), matrices.end(), [](const Matrix& m) { return m.dtype == DType::kBF16; });
}

void add_counts(double w, double v, const std::vector<float>& thresholds, PairElements* pair) {
  const double a = rounded_to_bf16(w);
  const double b = rounded_to_bf16(v);
  ++pair->n;
  pair->unchanged_bf16 += a == b ? 1U : 0U;
  pair->unchanged_native += w == v ? 1U : 0U;
  for (std::size_t t = 0; t < thresholds.size(); ++t) {
    pair->within[t] += std::fabs(static_cast<float>(b) - static_cast<float>(a)) <= thresholds[t] ? 1U : 0U;
  }
  ++pair->steps[bin_of(std::abs(position(a) - position(b)))];
}

PairElements expected_pair(const Matrix& reference, const Matrix& variant, bool narrow,
                           const std::vector<float>& thresholds, double* dot_magnitude) {
  PairElements pair;
  pair.within.resize(thresholds.size());
  Sums sums;
  for (std::size_t i = 0; i < reference.values.size(); ++i) {
    const double w = reference.values[i];
    const double v = variant.values[i];
    if (!is_valid(w) || !is_valid(v)) {
      ++pair.invalid;
      continue;
    }
    add_counts(w, v, thresholds, &pair);
    const double d = update_of(v, w, narrow);
    const auto wide = [](double x) { return static_cast<long double>(x); };
    sums.reference += wide(w) * wide(w);
    sums.variant += wide(v) * wide(v);
    sums.update += wide(d) * wide(d);
    sums.dot += wide(w) * wide(d);
    sums.dot_magnitude += std::fabs(wide(w) * wide(d));
    sums.ulp += wide(squared_ulp(rounded_to_bf16(w)));
    pair.max_abs_update = std::max(pair.max_abs_update, std::fabs(d));
  }
  pair.sum_sq_reference = static_cast<double>(sums.reference);
  pair.sum_sq_variant = static_cast<double>(sums.variant);
  pair.sum_sq_update = static_cast<double>(sums.update);
  pair.dot_reference_update = static_cast<double>(sums.dot);
  pair.sum_sq_ulp = static_cast<double>(sums.ulp);
  *dot_magnitude = static_cast<double>(sums.dot_magnitude);
  return pair;
}

void add_profiles(const Matrix& reference, const Matrix& variant, Shape shape, PairElements* pair) {
  pair->row_changed.assign(static_cast<std::size_t>(shape.rows), 0);
  pair->col_changed.assign(static_cast<std::size_t>(shape.cols), 0);
  for (std::size_t i = 0; i < reference.values.size(); ++i) {
    const double w = reference.values[i];
    const double v = variant.values[i];
    if (!is_valid(w) || !is_valid(v) || rounded_to_bf16(w) == rounded_to_bf16(v)) continue;
    ++pair->row_changed[i / static_cast<std::size_t>(shape.cols)];
    ++pair->col_changed[i % static_cast<std::size_t>(shape.cols)];
  }
}

void add_update_dots(const std::vector<Matrix>& matrices, bool narrow, Expected* expected) {
  const std::size_t variants = matrices.size() - 1;
  expected->result.update_dots.resize(variants * variants);
  expected->update_dot_magnitudes.resize(variants * variants);
  for (std::size_t k = 0; k < variants * variants; ++k) {
    const Matrix& first = matrices[1 + k / variants];
    const Matrix& second = matrices[1 + k % variants];
    long double sum = 0;
    long double magnitude = 0;
    for (std::size_t i = 0; i < matrices[0].values.size(); ++i) {
      const double w = matrices[0].values[i];
      if (!is_valid(w) || !is_valid(first.values[i]) || !is_valid(second.values[i])) continue;
      const long double product = static_cast<long double>(update_of(first.values[i], w, narrow)) *
                                  static_cast<long double>(update_of(second.values[i], w, narrow));
      sum += product;
      magnitude += std::fabs(product);
    }
    expected->result.update_dots[k] = static_cast<double>(sum);
    expected->update_dot_magnitudes[k] = static_cast<double>(magnitude);
  }
}

bool is_changed(double w, double v) { return is_valid(w) && is_valid(v) && rounded_to_bf16(w) != rounded_to_bf16(v); }

void add_overlaps(const std::vector<Matrix>& matrices, ElementPassResult* result) {
  const std::size_t variants = matrices.size() - 1;
  if (variants < 2) return;
  result->overlaps.assign(variants * variants, 0);
  result->consensus.assign(variants + 1, 0);
  for (std::size_t e = 0; e < matrices[0].values.size(); ++e) {
    const double w = matrices[0].values[e];
    std::vector<bool> changed;
    bool valid = is_valid(w);
    for (std::size_t i = 1; i < matrices.size(); ++i) {
      changed.push_back(is_changed(w, matrices[i].values[e]));
      valid = valid && is_valid(matrices[i].values[e]);
    }
    for (std::size_t k = 0; k < variants * variants; ++k) {
      result->overlaps[k] += changed[k / variants] && changed[k % variants] ? 1U : 0U;
    }
    if (!valid) continue;
    ++result->valid_all;
    ++result->consensus[static_cast<std::size_t>(std::count(changed.begin(), changed.end(), true))];
  }
}

void check_close(double value, double expected, double scale) {
  CAPTURE(value);
  CAPTURE(expected);
  CHECK(std::fabs(value - expected) <= kRelativeError * scale);
}

}  // namespace

double value_of_bf16(std::uint16_t code) { return decode(code, 8, 7); }

bool is_valid_weight(double value) { return is_valid(value); }

std::int64_t steps_between_weights(double from, double to) {
  return position(rounded_to_bf16(to)) - position(rounded_to_bf16(from));
}

Matrix Matrix::of_bf16(const std::vector<std::uint16_t>& codes) {
  Matrix matrix{DType::kBF16, bytes_of(codes), {}};
  for (const std::uint16_t code : codes) matrix.values.push_back(decode(code, 8, 7));
  return matrix;
}

Matrix Matrix::of_f16(const std::vector<std::uint16_t>& codes) {
  Matrix matrix{DType::kF16, bytes_of(codes), {}};
  for (const std::uint16_t code : codes) matrix.values.push_back(decode(code, 5, 10));
  return matrix;
}

Matrix Matrix::of_f32(const std::vector<float>& values) {
  return {DType::kF32, bytes_of(values), std::vector<double>(values.begin(), values.end())};
}

Matrix Matrix::of_f64(const std::vector<double>& values) { return {DType::kF64, bytes_of(values), values}; }

Expected expected_elements(const std::vector<Matrix>& matrices, Shape shape, const std::vector<float>& thresholds,
                           bool profiles) {
  Expected expected;
  const bool narrow = all_bf16(matrices);
  expected.dot_magnitudes.resize(matrices.size() - 1);
  for (std::size_t i = 1; i < matrices.size(); ++i) {
    PairElements pair = expected_pair(matrices[0], matrices[i], narrow, thresholds, &expected.dot_magnitudes[i - 1]);
    if (profiles) add_profiles(matrices[0], matrices[i], shape, &pair);
    expected.result.pairs.push_back(std::move(pair));
  }
  add_update_dots(matrices, narrow, &expected);
  add_overlaps(matrices, &expected.result);
  for (const Matrix& matrix : matrices) expected.result.bytes += matrix.bytes.size();
  return expected;
}

void check_agrees(const ElementPassResult& result, const Expected& expected) {
  CHECK(result.bytes == expected.result.bytes);
  REQUIRE(result.pairs.size() == expected.result.pairs.size());
  for (std::size_t i = 0; i < result.pairs.size(); ++i) {
    const PairElements& pair = result.pairs[i];
    const PairElements& wanted = expected.result.pairs[i];
    CHECK(pair.n == wanted.n);
    CHECK(pair.invalid == wanted.invalid);
    CHECK(pair.unchanged_bf16 == wanted.unchanged_bf16);
    CHECK(pair.unchanged_native == wanted.unchanged_native);
    CHECK(pair.within == wanted.within);
    for (std::size_t bin = 0; bin < kStepBins; ++bin) CHECK(pair.steps[bin] == wanted.steps[bin]);
    CHECK(pair.max_abs_update == wanted.max_abs_update);
    CHECK((pair.row_changed == wanted.row_changed));
    CHECK((pair.col_changed == wanted.col_changed));
    check_close(pair.sum_sq_reference, wanted.sum_sq_reference, wanted.sum_sq_reference);
    check_close(pair.sum_sq_variant, wanted.sum_sq_variant, wanted.sum_sq_variant);
    check_close(pair.sum_sq_update, wanted.sum_sq_update, wanted.sum_sq_update);
    check_close(pair.sum_sq_ulp, wanted.sum_sq_ulp, wanted.sum_sq_ulp);
    check_close(pair.dot_reference_update, wanted.dot_reference_update, expected.dot_magnitudes[i]);
  }
  CHECK((result.overlaps == expected.result.overlaps));
  CHECK((result.consensus == expected.result.consensus));
  CHECK(result.valid_all == expected.result.valid_all);
  REQUIRE(result.update_dots.size() == expected.result.update_dots.size());
  for (std::size_t k = 0; k < result.update_dots.size(); ++k) {
    check_close(result.update_dots[k], expected.result.update_dots[k], expected.update_dot_magnitudes[k]);
  }
}

ElementPassResult run_elements(const std::vector<Matrix>& matrices, Shape shape, const RunOptions& options) {
  ElementPassRequest request;
  std::vector<std::unique_ptr<ScratchFile>> files;
  for (const Matrix& matrix : matrices) {
    std::vector<unsigned char> bytes(options.offset, 0xFF);
    bytes.insert(bytes.end(), matrix.bytes.begin(), matrix.bytes.end());
    files.push_back(std::make_unique<ScratchFile>(bytes.data(), bytes.size()));
    const TensorView view{files.back()->open(options.access), options.offset, matrix.dtype, shape.rows, shape.cols};
    if (files.size() == 1) {
      request.reference = view;
    } else {
      request.variants.push_back(view);
    }
  }
  request.bf16_thresholds = options.thresholds;
  request.profiles = options.profiles;
  request.overlaps = options.overlaps && matrices.size() > 2;
  request.isa = options.isa;
  Executor executor(options.threads);
  Control control;
  ElementPassResult result;
  const Status status = element_pass(request, executor, control, &result);
  CHECK_MESSAGE(status.ok(), status.message);
  CHECK(control.done == control.total);
  CHECK(control.done == result.bytes);
  return result;
}

std::vector<Isa> available_isas() {
  std::vector<Isa> isas;
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (isa_available(isa)) isas.push_back(isa);
  }
  return isas;
}

}  // namespace polarimeter::testing
