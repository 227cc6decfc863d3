#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "polarimeter/tensor_view.h"

namespace polarimeter {

/// A small matrix, widened to float64 when it is first asked for and kept.
class HeldMatrix {
 public:
  /// `transposed`: held column by column.
  HeldMatrix(TensorView view, bool transposed) : view_(std::move(view)), transposed_(transposed) {}

  /// Thread-safe; whoever comes first reads. Throws std::bad_alloc alone. fails kFileTooShort kReadFailed
  Status values(const double** out) const;

 private:
  Status load() const;

  TensorView view_;
  bool transposed_;
  mutable std::mutex mutex_;
  mutable std::atomic<bool> loaded_{false};
  mutable std::vector<double> values_;
};

/// Bytes that a HeldMatrix of a view takes; saturates.
std::uint64_t held_matrix_bytes(const TensorView& view);

}  // namespace polarimeter
