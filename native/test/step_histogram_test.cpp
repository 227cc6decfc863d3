#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "change_reference.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

StepHistogram histogram_of(const StepHistogramRequest& request, int threads) {
  Executor executor(threads);
  Control control;
  StepHistogram histogram;
  const Status status = step_histogram(request, executor, control, &histogram);
  CHECK_MESSAGE(status.ok(), status.message);
  CHECK(control.done == control.total);
  return histogram;
}

std::size_t bin_of(std::int64_t distance) {
  std::size_t bin = 0;
  for (const std::int64_t bound : {0, 1, 2, 4, 8, 16, 32, 64, 128, 256}) bin += distance > bound ? 1U : 0U;
  return bin;
}

/// Biased exponent of the nearest bf16, by its place on the line: 128 codes an exponent.
std::size_t exponent_of(double value) {
  return static_cast<std::size_t>(std::llabs(steps_between_weights(0, value)) / 128);
}

StepHistogram expected_histogram(const Matrix& reference, const Matrix& variant) {
  StepHistogram expected;
  for (std::size_t i = 0; i < reference.values.size(); ++i) {
    const double w = reference.values[i];
    const double v = variant.values[i];
    if (!is_valid_weight(w) || !is_valid_weight(v)) {
      ++expected.invalid;
      continue;
    }
    const std::int64_t steps = steps_between_weights(w, v);
    ++(steps < 0 ? expected.down : expected.up)[exponent_of(w)][bin_of(std::llabs(steps))];
  }
  return expected;
}

void check_same(const StepHistogram& found, const StepHistogram& expected) {
  CHECK((found.up == expected.up));
  CHECK((found.down == expected.down));
  CHECK(found.invalid == expected.invalid);
}

}  // namespace

TEST_CASE("a step histogram counts every weight once, for every dtype, instruction set and way of reading") {
  const Shape shape{301, 1003};
  for (const DType reference : {DType::kBF16, DType::kF16, DType::kF32, DType::kF64}) {
    for (const DType variant : {DType::kBF16, DType::kF32}) {
      const std::vector<Matrix> matrices = moved_matrices({reference, variant}, shape, 23);
      const StepHistogram expected = expected_histogram(matrices[0], matrices[1]);
      for (const Access access : {Access::kMap, Access::kRead}) {
        const StoredMatrices stored(matrices, shape, access);
        for (const Isa isa : available_isas()) {
          for (const int threads : {1, 3}) {
            check_same(histogram_of({stored.reference(), stored.variants()[0], isa}, threads), expected);
          }
        }
      }
    }
  }
}

TEST_CASE("over all exponents a step histogram is that of an element pass") {
  const Shape shape{200, 700};
  const StoredMatrices stored(moved_matrices({DType::kF32, DType::kBF16}, shape, 29), shape, Access::kMap);
  const PairElements pair = run_elements(stored.matrices(), shape, {}).pairs[0];
  const StepHistogram histogram = histogram_of({stored.reference(), stored.variants()[0], best_isa()}, 2);
  CHECK(histogram.invalid == pair.invalid);
  for (std::size_t bin = 0; bin < kStepBins; ++bin) {
    std::uint64_t found = 0;
    for (std::size_t exponent = 0; exponent < kExponents; ++exponent) {
      found += histogram.up[exponent][bin] + histogram.down[exponent][bin];
      CHECK(histogram.down[exponent][0] == 0);
    }
    CHECK(found == pair.steps[bin]);
  }
  std::uint64_t valid_at_255 = 0;
  for (std::size_t bin = 0; bin < kStepBins; ++bin) valid_at_255 += histogram.up[255][bin] + histogram.down[255][bin];
  CHECK(valid_at_255 == 0);
}

TEST_CASE("weights at one place are read as they are stored, with their steps") {
  const double infinity = std::numeric_limits<double>::infinity();
  const Shape shape{2, 3};
  const std::vector<double> base = {0.5, -1.0, 3.0, 0.1, 1e39, 0.0};
  const std::vector<float> narrow = {0.5F, -1.0F, std::numeric_limits<float>::infinity(), 0.25F, 1.0F, -0.0F};
  const std::vector<std::uint16_t> codes = {0x3F01, 0xBF82, 0x4040, 0x7FC0, 0x3F80, 0x8000};
  const StoredMatrices stored({Matrix::of_f64(base), Matrix::of_f32(narrow), Matrix::of_bf16(codes)}, shape,
                              Access::kRead);
  const auto at = [&stored](std::int64_t row, std::int64_t col) {
    Control control;
    WeightsAt weights;
    const Status status = weights_at({stored.reference(), stored.variants(), row, col}, control, &weights);
    CHECK_MESSAGE(status.ok(), status.message);
    return weights;
  };
  CHECK(at(0, 0).reference == 0.5);
  CHECK(at(0, 0).variants == std::vector<double>{0.5, 0.50390625});
  CHECK(at(0, 0).steps == std::vector<std::optional<int>>{0, 1});
  CHECK(at(0, 1).steps == std::vector<std::optional<int>>{0, -2});
  CHECK(at(0, 2).variants[0] == infinity);
  CHECK(at(0, 2).steps == std::vector<std::optional<int>>{std::nullopt, 0});
  CHECK(at(1, 0).reference == 0.1);
  CHECK(std::isnan(at(1, 0).variants[1]));
  CHECK(at(1, 1).steps == std::vector<std::optional<int>>{std::nullopt, std::nullopt});
  CHECK(at(1, 2).steps == std::vector<std::optional<int>>{0, 0});
  Control control;
  WeightsAt weights;
  for (const auto& [row, col] : {std::pair{2, 0}, {0, 3}, {-1, 0}, {0, -1}}) {
    CHECK(weights_at({stored.reference(), stored.variants(), row, col}, control, &weights).code ==
          Code::kInvalidArgument);
  }
  CHECK(weights_at({stored.reference(), {}, 0, 0}, control, &weights).code == Code::kInvalidArgument);
  control.cancelled = true;
  CHECK(weights_at({stored.reference(), stored.variants(), 0, 0}, control, &weights).code == Code::kCancelled);
}
