#include "core/held_matrix.h"

#include <algorithm>

#include "core/widen.h"

namespace polarimeter {
namespace {

constexpr std::int64_t kPiece = std::int64_t{1} << 14;

}  // namespace

Status HeldMatrix::values(const double** out) const {
  if (!loaded_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    if (!loaded_.load(std::memory_order_relaxed)) {
      if (Status status = load(); !status.ok()) return status;
      loaded_.store(true, std::memory_order_release);
    }
  }
  *out = values_.data();
  return Status::Ok();
}

Status HeldMatrix::load() const {
  const std::int64_t count = view_.elements();
  std::vector<double> values(static_cast<std::size_t>(count));
  std::vector<double> piece(static_cast<std::size_t>(std::min(kPiece, count)));
  std::vector<double> scratch(piece.size());
  for (std::int64_t first = 0; first < count; first += kPiece) {
    const std::int64_t length = std::min(kPiece, count - first);
    const std::byte* bytes = nullptr;
    Status status = view_.read(first, length, reinterpret_cast<std::byte*>(scratch.data()), &bytes);
    if (!status.ok()) return status;
    double* const into = transposed_ ? piece.data() : values.data() + first;
    widen(view_.dtype, bytes, length, into);
    for (std::int64_t i = 0; transposed_ && i < length; ++i) {
      const std::int64_t row = (first + i) / view_.cols;
      const std::int64_t col = (first + i) % view_.cols;
      values[static_cast<std::size_t>(col * view_.rows + row)] = piece[static_cast<std::size_t>(i)];
    }
  }
  values_ = std::move(values);
  return Status::Ok();
}

std::uint64_t held_matrix_bytes(const TensorView& view) {
  std::int64_t bytes = 0;
  const bool fits = view.rows >= 0 && view.cols >= 0 && !__builtin_mul_overflow(view.rows, view.cols, &bytes) &&
                    !__builtin_mul_overflow(bytes, std::int64_t{8}, &bytes);
  return fits ? static_cast<std::uint64_t>(bytes) : UINT64_MAX;
}

}  // namespace polarimeter
