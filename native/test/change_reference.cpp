#include "change_reference.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace polarimeter::testing {
namespace {

std::uint16_t bf16_below(double value) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16U);
}

/// An f16 of about this value, below 2^15.
std::uint16_t f16_near(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? 0x7E01 : 0xFC00;
  if (std::fabs(value) < 0x1p-14) return std::signbit(value) ? 0x8000 : 0;
  const int exponent = std::ilogb(value);
  const auto mantissa = static_cast<int>((std::fabs(value) / std::ldexp(1.0, exponent) - 1) * 1024);
  return static_cast<std::uint16_t>((value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | mantissa);
}

Matrix matrix_of(DType dtype, const std::vector<double>& values) {
  std::vector<std::uint16_t> codes;
  if (dtype == DType::kF64) return Matrix::of_f64(values);
  if (dtype == DType::kF32) return Matrix::of_f32({values.begin(), values.end()});
  for (const double value : values) codes.push_back(dtype == DType::kF16 ? f16_near(value) : bf16_below(value));
  return dtype == DType::kF16 ? Matrix::of_f16(codes) : Matrix::of_bf16(codes);
}

/// One weight of a variant: mostly the same, else a few steps away, far away, or not a number.
double moved(double weight, std::mt19937_64& random) {
  const std::uint64_t fate = random() % 1000;
  const double sign = random() % 3 == 0 ? -1.0 : 1.0;
  if (fate < 500) return weight;
  if (fate < 520) return -0.0;
  if (fate < 523) return std::numeric_limits<double>::quiet_NaN();
  if (fate < 525) return -std::numeric_limits<double>::infinity();
  if (fate < 560) return -3 * weight;
  if (fate < 580) return sign * 30000.0;
  return weight * (1 + sign * std::ldexp(1.0, -1 - static_cast<int>(random() % 9)));
}

struct Tally {
  std::uint64_t weights = 0, changed = 0, up = 0, down = 0;
  std::int64_t highest = 0, lowest = 0;
  bool any_invalid = false;
};

void add_weight(const std::vector<Matrix>& matrices, std::size_t views, std::size_t index, Tally* tally) {
  const double w = matrices[0].values[index];
  bool valid = is_valid_weight(w);
  for (std::size_t i = 1; i < views; ++i) valid = valid && is_valid_weight(matrices[i].values[index]);
  tally->any_invalid = tally->any_invalid || !valid;
  if (!valid) return;
  ++tally->weights;
  for (std::size_t i = 1; i < views; ++i) {
    const std::int64_t steps =
        std::clamp<std::int64_t>(steps_between_weights(w, matrices[i].values[index]), -32767, 32767);
    tally->changed += steps != 0 ? 1U : 0U;
    tally->up += steps > 0 ? 1U : 0U;
    tally->down += steps < 0 ? 1U : 0U;
    tally->highest = std::max(tally->highest, steps);
    tally->lowest = std::min(tally->lowest, steps);
  }
}

double share(std::uint64_t part, std::uint64_t whole) {
  if (part == 0) return 0;
  if (part == whole) return 255;
  return std::clamp(std::round(255.0 * static_cast<double>(part) / static_cast<double>(whole)), 1.0, 254.0);
}

double pixel_of(const Tally& tally, ChangeReduction reduction, std::size_t variants) {
  switch (reduction) {
    case ChangeReduction::kSteps: {
      if (tally.any_invalid) return -128;
      const std::int64_t furthest = tally.highest + tally.lowest >= 0 ? tally.highest : tally.lowest;
      return static_cast<double>(std::clamp<std::int64_t>(furthest, -127, 127));
    }
    case ChangeReduction::kDirection:
      if (tally.changed == 0) return -128;
      return std::round(127.0 * (static_cast<double>(tally.up) - static_cast<double>(tally.down)) /
                        static_cast<double>(tally.changed));
    case ChangeReduction::kDensity:
    case ChangeReduction::kConsensus:
      return share(tally.changed, tally.weights * variants);
  }
  return 0;
}

}  // namespace

StoredMatrices::StoredMatrices(std::vector<Matrix> matrices, Shape shape, Access access)
    : matrices_(std::move(matrices)), shape_(shape) {
  constexpr std::uint64_t kOffset = 3;
  for (const Matrix& matrix : matrices_) {
    std::vector<unsigned char> bytes(kOffset, 0xFF);
    bytes.insert(bytes.end(), matrix.bytes.begin(), matrix.bytes.end());
    files_.push_back(std::make_unique<ScratchFile>(bytes.data(), bytes.size()));
    views_.push_back({files_.back()->open(access), kOffset, matrix.dtype, shape.rows, shape.cols});
  }
}

ChangeTileRequest StoredMatrices::tile(ChangeReduction reduction, int level) const {
  ChangeTileRequest request;
  request.reference = views_[0];
  request.variants = variants();
  if (reduction != ChangeReduction::kConsensus) request.variants.resize(1);
  request.rows = shape_.rows;
  request.cols = shape_.cols;
  request.level = level;
  request.reduction = reduction;
  return request;
}

std::vector<Matrix> moved_matrices(const std::vector<DType>& dtypes, Shape shape, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0.0, 0.02);
  std::vector<double> reference(static_cast<std::size_t>(shape.rows * shape.cols));
  for (double& weight : reference) weight = random() % 50 == 0 ? 0.0 : normal(random);
  // Stored first: what does not change must be the same in the dtype of the reference.
  std::vector<Matrix> matrices = {matrix_of(dtypes[0], reference)};
  for (std::size_t i = 1; i < dtypes.size(); ++i) {
    std::vector<double> values = matrices[0].values;
    for (double& weight : values) weight = moved(weight, random);
    matrices.push_back(matrix_of(dtypes[i], values));
  }
  return matrices;
}

std::vector<std::uint8_t> expected_pixels(const std::vector<Matrix>& matrices, const ChangeTileRequest& request) {
  const std::size_t views = 1 + request.variants.size();
  const std::int64_t side = std::int64_t{1} << request.level;
  std::vector<std::uint8_t> pixels;
  for (std::int64_t top = 0; top < request.rows; top += side) {
    for (std::int64_t left = 0; left < request.cols; left += side) {
      Tally tally;
      for (std::int64_t row = top; row < std::min(top + side, request.rows); ++row) {
        for (std::int64_t col = left; col < std::min(left + side, request.cols); ++col) {
          const std::int64_t index = (request.row + row) * request.reference.cols + request.col + col;
          add_weight(matrices, views, static_cast<std::size_t>(index), &tally);
        }
      }
      const double value = pixel_of(tally, request.reduction, views - 1);
      pixels.push_back(static_cast<std::uint8_t>(static_cast<int>(value)));
    }
  }
  return pixels;
}

ChangeTile tile_of(const ChangeTileRequest& request, int threads) {
  Executor executor(threads);
  Control control;
  ChangeTile tile;
  const Status status = change_tile(request, executor, control, &tile);
  CHECK_MESSAGE(status.ok(), status.message);
  CHECK(control.done == control.total);
  CHECK(control.done == tile.bytes);
  CHECK(tile.rows * tile.cols == static_cast<std::int64_t>(tile.pixels.size()));
  return tile;
}

}  // namespace polarimeter::testing
