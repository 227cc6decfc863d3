#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/combined.h"
#include "core/held_matrix.h"
#include "core/widen.h"
#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

/// Elements of the base decoded at a time.
constexpr std::int64_t kPiece = std::int64_t{1} << 14;
/// Columns whose sums stay in the first-level cache while the rank goes by.
constexpr std::int64_t kTile = 512;

using Sums = std::array<double, static_cast<std::size_t>(kTile)>;

/// sums[j] += sum over k of left[k] right[k][j], four ranks at a time, in an order that no cut of the columns changes.
void add_products(const double* left, const double* right, std::int64_t rank, std::int64_t stride, std::int64_t count,
                  double* __restrict sums) {
  std::int64_t k = 0;
  for (; k + 4 <= rank; k += 4) {
    const double* const r0 = right + k * stride;
    const double* const r1 = r0 + stride;
    const double* const r2 = r1 + stride;
    const double* const r3 = r2 + stride;
    const double l0 = left[k], l1 = left[k + 1], l2 = left[k + 2], l3 = left[k + 3];
    for (std::int64_t j = 0; j < count; ++j) sums[j] += (l0 * r0[j] + l1 * r1[j]) + (l2 * r2[j] + l3 * r3[j]);
  }
  for (; k < rank; ++k) {
    const double* const r = right + k * stride;
    const double l = left[k];
    for (std::int64_t j = 0; j < count; ++j) sums[j] += l * r[j];
  }
}

class LowRank : public Combined {
 public:
  explicit LowRank(const LowRankTensor& tensor, std::uint64_t held)
      : Combined({tensor.base, tensor.up, tensor.down}, held),
        rank_(tensor.up.cols),
        factor_(tensor.factor),
        left_(tensor.transposed ? tensor.down : tensor.up, tensor.transposed),
        right_(tensor.transposed ? tensor.up : tensor.down, tensor.transposed) {}

  DType dtype() const override { return DType::kF64; }
  std::int64_t elements() const override { return base().elements(); }
  bool random_access() const override { return base().random_access(); }

  Status decode(std::int64_t first, std::int64_t count, std::byte* out) const override {
    const double* left = nullptr;
    const double* right = nullptr;
    if (Status status = left_.values(&left); !status.ok()) return status;
    if (Status status = right_.values(&right); !status.ok()) return status;
    auto* const values = reinterpret_cast<double*>(out);
    if (Status status = decode_base(first, count, values); !status.ok()) return status;
    const std::int64_t cols = base().cols;
    for (std::int64_t done = 0; done < count;) {
      // As many whole rows as there are, else the rest of one.
      const std::int64_t row = (first + done) / cols;
      const std::int64_t col = (first + done) % cols;
      const std::int64_t rows = col == 0 ? std::max<std::int64_t>(1, (count - done) / cols) : 1;
      const std::int64_t width = std::min(cols - col, count - done);
      add(left + row * rank_, right + col, {rows, width}, values + done);
      done += rows * width;
    }
    return Status::Ok();
  }

 private:
  struct Rectangle {
    std::int64_t rows;
    std::int64_t cols;
  };

  const TensorView& base() const { return part(0); }

  Status decode_base(std::int64_t first, std::int64_t count, double* values) const {
    std::vector<double> scratch(base().needs_scratch() ? static_cast<std::size_t>(std::min(kPiece, count)) : 0);
    for (std::int64_t done = 0; done < count; done += kPiece) {
      const std::int64_t length = std::min(kPiece, count - done);
      const std::byte* bytes = nullptr;
      Status status = base().read(first + done, length, reinterpret_cast<std::byte*>(scratch.data()), &bytes);
      if (!status.ok()) return status;
      widen(base().dtype, bytes, length, values + done);
    }
    return Status::Ok();
  }

  /// Adds factor * product to rows without gaps. Tile after tile, so that all rows use its part of `right` while it is
  /// in the cache.
  void add(const double* left, const double* right, const Rectangle& part, double* values) const {
    Sums sums;
    for (std::int64_t begin = 0; begin < part.cols; begin += kTile) {
      const std::int64_t count = std::min(kTile, part.cols - begin);
      for (std::int64_t row = 0; row < part.rows; ++row) {
        std::fill_n(sums.begin(), count, 0.0);
        add_products(left + row * rank_, right + begin, rank_, base().cols, count, sums.data());
        double* const into = values + row * part.cols + begin;
        for (std::int64_t j = 0; j < count; ++j) into[j] += factor_ * sums[static_cast<std::size_t>(j)];
      }
    }
  }

  std::int64_t rank_;
  double factor_;
  HeldMatrix left_;   ///< (m, rank)
  HeldMatrix right_;  ///< (rank, n)
};

}  // namespace

Status low_rank_view(const LowRankTensor& tensor, TensorView* out) {
  const auto& [base, up, down, factor, transposed] = tensor;
  if (!std::isfinite(factor)) return refused("has a factor that is NaN or infinite");
  std::uint64_t held = 0;
  if (__builtin_add_overflow(held_matrix_bytes(up), held_matrix_bytes(down), &held)) held = UINT64_MAX;
  if (Status status = admit({base, up, down}, held); !status.ok()) return status;
  const std::int64_t rows = transposed ? base.cols : base.rows;
  const std::int64_t cols = transposed ? base.rows : base.cols;
  if (up.rows != rows || down.cols != cols || up.cols != down.rows) {
    return refused("of shape " + shape_text(base) + " cannot have the factors " + shape_text(up) + " and " +
                   shape_text(down) + (transposed ? ", transposed" : ""));
  }
  *out = view_of(std::make_shared<const LowRank>(tensor, held), base.rows, base.cols);
  return out->validate();
}

}  // namespace polarimeter
