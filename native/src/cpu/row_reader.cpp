#include "cpu/row_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/widen.h"
#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

double sum_of_squares(const double* values, std::int64_t count) {
  std::array<double, 16> lanes{};
  std::int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (std::size_t lane = 0; lane < 16; ++lane) {
      const double x = values[i + static_cast<std::int64_t>(lane)];
      lanes[lane] += x * x;
    }
  }
  double sum = 0;
  for (; i < count; ++i) sum += values[i] * values[i];
  for (const double lane : lanes) sum += lane;
  return sum;
}

// Beyond these exponents sums of squares may leave float64, or lose small elements to underflow.
constexpr int kSafeExponent = 400;

}  // namespace

RowReader::RowReader(const TensorView& w, const TensorView& minus, const Control& control)
    : w_(w), minus_(minus), control_(control) {}

Status RowReader::validate() const {
  if (!w_.present()) return Status::Error(Code::kInvalidArgument, "A matrix has no file.");
  Status status = w_.validate();
  if (!status.ok() || !minus_.present()) return status;
  if (minus_.rows != w_.rows || minus_.cols != w_.cols) {
    return Status::Error(Code::kInvalidArgument, "Cannot subtract a matrix of " + std::to_string(minus_.rows) + " x " +
                                                     std::to_string(minus_.cols) + " from one of " +
                                                     std::to_string(w_.rows) + " x " + std::to_string(w_.cols) + ".");
  }
  return minus_.validate();
}

std::uint64_t RowReader::bytes(const TensorView& w, const TensorView& minus) {
  constexpr std::uint64_t kStaging = kPiece * (sizeof(double) + sizeof(double));
  // Derivations stage small pieces of their own, each on top of the other.
  constexpr std::uint64_t kNested = std::uint64_t{kMaxDerivationDepth + 1} << 20U;
  const bool derived = w.derivation || minus.derivation;
  return kStaging + (derived ? kNested : 0) + w.held_bytes() + minus.held_bytes();
}

Status RowReader::choose_scale(std::int64_t block_rows, double* out) {
  const bool wide_range = w_.dtype == DType::kF64 || (minus_.present() && minus_.dtype == DType::kF64);
  if (!wide_range) return Status::Ok();
  double largest = 0;
  for (std::int64_t row = 0; row < w_.rows; row += block_rows) {
    const std::int64_t rows = std::min(block_rows, w_.rows - row);
    Status status = read({row, rows, 0, w_.cols}, out, nullptr);
    if (!status.ok()) return status;
    for (std::int64_t i = 0; i < rows * w_.cols; ++i) largest = std::max(largest, std::abs(out[i]));
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  scale_exponent_ = std::abs(exponent) > kSafeExponent ? -exponent : 0;
  return Status::Ok();
}

Status RowReader::read(const Block& block, double* out, double* energy) {
  const bool contiguous = block.cols == w_.cols;
  const std::int64_t runs = contiguous ? 1 : block.rows;
  const std::int64_t length = contiguous ? block.rows * block.cols : block.cols;
  for (std::int64_t run = 0; run < runs; ++run) {
    const std::int64_t first = (block.row + run) * w_.cols + block.col;
    for (std::int64_t done = 0; done < length; done += kPiece) {
      const std::int64_t count = std::min(kPiece, length - done);
      Status status = read_run(first + done, count, out + run * length + done, energy);
      if (!status.ok()) return status;
    }
  }
  return Status::Ok();
}

Status RowReader::read_run(std::int64_t element, std::int64_t count, double* out, double* energy) {
  if (control_.cancelled) return Status::Error(Code::kCancelled, "Cancelled.");
  Status status = read_widened(w_, element, count, out);
  if (!status.ok()) return status;
  if (minus_.present()) {
    subtrahend_.resize(static_cast<std::size_t>(kPiece));
    status = read_widened(minus_, element, count, subtrahend_.data());
    if (!status.ok()) return status;
    for (std::int64_t i = 0; i < count; ++i) out[i] -= subtrahend_[static_cast<std::size_t>(i)];
  }
  if (scale_exponent_ != 0) {
    // Two factors: 2^1074 itself is no float64.
    const double first = std::ldexp(1.0, scale_exponent_ / 2);
    const double second = std::ldexp(1.0, scale_exponent_ - scale_exponent_ / 2);
    for (std::int64_t i = 0; i < count; ++i) out[i] = out[i] * first * second;
  }
  const double sum = sum_of_squares(out, count);
  if (!std::isfinite(sum)) {
    status = not_finite(element, count, out);
    if (!status.ok()) return status;
  }
  if (energy) *energy += sum;
  return Status::Ok();
}

Status RowReader::read_widened(const TensorView& view, std::int64_t element, std::int64_t count, double* out) {
  if (view.needs_scratch()) staging_.resize(static_cast<std::size_t>(kPiece) * sizeof(double));
  const std::byte* from = nullptr;
  Status status = view.read(element, count, staging_.data(), &from);
  if (status.ok()) widen(view.dtype, from, count, out);
  return status;
}

/// The first element that is not finite; ok where only the sum of squares overflowed.
Status RowReader::not_finite(std::int64_t element, std::int64_t count, const double* values) const {
  const double* bad = std::find_if(values, values + count, [](double x) { return !std::isfinite(x); });
  if (bad == values + count) return Status::Ok();
  const std::int64_t index = element + (bad - values);
  return Status::Error(Code::kNotFinite, std::string(minus_.present() ? "The difference" : "The element") + " at row " +
                                             std::to_string(index / w_.cols) + ", column " +
                                             std::to_string(index % w_.cols) + " of " + w_.describe() +
                                             " is NaN or infinite.");
}

Status RowReader::check_unchanged() const {
  Status status = w_.present() ? w_.check_unchanged() : Status::Ok();
  if (!status.ok() || !minus_.present()) return status;
  return minus_.check_unchanged();
}

}  // namespace polarimeter
