#include <algorithm>
#include <vector>

#include "core/combined.h"
#include "core/held_matrix.h"
#include "core/widen.h"
#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

/// Elements of the inner view decoded at a time.
constexpr std::int64_t kPiece = std::int64_t{1} << 14;

class Scaled : public Combined {
 public:
  explicit Scaled(const ScaledTensor& tensor)
      : Combined({tensor.of, tensor.scale}, held_matrix_bytes(tensor.scale)),
        scale_(tensor.scale, false),
        scale_cols_(tensor.scale.cols),
        block_rows_(tensor.block_rows),
        block_cols_(tensor.block_cols) {}

  DType dtype() const override { return DType::kF64; }
  std::int64_t elements() const override { return of().elements(); }
  bool random_access() const override { return of().random_access(); }

  Status decode(std::int64_t first, std::int64_t count, std::byte* out) const override {
    const double* scales = nullptr;
    if (Status status = scale_.values(&scales); !status.ok()) return status;
    std::vector<double> scratch(of().needs_scratch() ? static_cast<std::size_t>(std::min(kPiece, count)) : 0);
    auto* const values = reinterpret_cast<double*>(out);
    for (std::int64_t done = 0; done < count; done += kPiece) {
      const std::int64_t length = std::min(kPiece, count - done);
      const std::byte* bytes = nullptr;
      Status status = of().read(first + done, length, reinterpret_cast<std::byte*>(scratch.data()), &bytes);
      if (!status.ok()) return status;
      widen(of().dtype, bytes, length, values + done);
      multiply(scales, first + done, length, values + done);
    }
    return Status::Ok();
  }

 private:
  const TensorView& of() const { return part(0); }

  /// In runs that share a scale.
  void multiply(const double* scales, std::int64_t first, std::int64_t count, double* values) const {
    const std::int64_t cols = of().cols;
    for (std::int64_t done = 0; done < count;) {
      const std::int64_t row = (first + done) / cols;
      const std::int64_t col = (first + done) % cols;
      const std::int64_t block = col / block_cols_;
      const std::int64_t run = std::min({cols - col, block_cols_ - col % block_cols_, count - done});
      const double scale = scales[row / block_rows_ * scale_cols_ + block];
      for (std::int64_t i = 0; i < run; ++i) values[done + i] *= scale;
      done += run;
    }
  }

  HeldMatrix scale_;
  std::int64_t scale_cols_;
  std::int64_t block_rows_;
  std::int64_t block_cols_;
};

std::int64_t blocks(std::int64_t size, std::int64_t block) { return size / block + (size % block == 0 ? 0 : 1); }

}  // namespace

Status scaled_view(const ScaledTensor& tensor, TensorView* out) {
  const auto& [of, scale, block_rows, block_cols] = tensor;
  if (block_rows < 1 || block_cols < 1) return refused("has scales for blocks without elements");
  if (Status status = admit({of, scale}, held_matrix_bytes(scale)); !status.ok()) return status;
  const std::int64_t rows = blocks(of.rows, block_rows);
  const std::int64_t cols = blocks(of.cols, block_cols);
  if (scale.rows < rows || scale.cols < cols) {
    return refused("of shape " + shape_text(of) + " needs scales of " + std::to_string(rows) + " x " +
                   std::to_string(cols) + " for its blocks and has " + shape_text(scale));
  }
  *out = view_of(std::make_shared<const Scaled>(tensor), of.rows, of.cols);
  return out->validate();
}

}  // namespace polarimeter
