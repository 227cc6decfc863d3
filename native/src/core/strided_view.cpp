#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "core/combined.h"
#include "core/strided_axis.h"
#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

/// Elements read at a time where those wanted have gaps between them.
constexpr std::int64_t kCover = std::int64_t{1} << 16;
/// A range may be read for its elements when it is at most as many times longer.
constexpr std::int64_t kMostCovered = 64;
/// Fewer rows are not worth reading column by column.
constexpr std::int64_t kFewestRows = 8;
constexpr std::int64_t kMostRows = 256;
/// Columns that are put together before they go to their rows.
constexpr std::int64_t kTileCols = 32;

class Strided : public Combined {
 public:
  Strided(const StridedTensor& tensor, AxisDigits rows, AxisDigits cols)
      : Combined({tensor.of}, 0),
        start_(tensor.start),
        rows_(std::move(rows)),
        cols_(std::move(cols)),
        size_(element_size(tensor.of.dtype)) {}

  DType dtype() const override { return of().dtype; }
  std::int64_t elements() const override { return rows_.length() * cols_.length(); }
  bool random_access() const override { return of().random_access(); }

  Status decode(std::int64_t first, std::int64_t count, std::byte* out) const override {
    std::vector<std::byte> scratch;
    const std::int64_t width = cols_.length();
    for (std::int64_t done = 0; done < count;) {
      const std::int64_t row = (first + done) / width;
      const std::int64_t col = (first + done) % width;
      const std::int64_t whole = col == 0 ? (count - done) / width : 0;
      std::byte* const into = out + done * size_;
      if (whole >= kFewestRows && !cols_.has_runs() && rows_.has_runs()) {
        const std::int64_t rows = rows_.run(row, std::min(whole, kMostRows));
        if (Status status = copy_columns(row, rows, &scratch, into); !status.ok()) return status;
        done += rows * width;
        continue;
      }
      const std::int64_t length = std::min(width - col, count - done);
      if (Status status = copy_row(start_ + rows_.at(row), col, length, &scratch, into); !status.ok()) return status;
      done += length;
    }
    return Status::Ok();
  }

 private:
  const TensorView& of() const { return part(0); }

  /// Elements of the inner view, through `scratch` where it needs any.
  Status fetch(std::int64_t first, std::int64_t count, std::vector<std::byte>* scratch, const std::byte** out) const {
    if (of().needs_scratch()) {
      scratch->resize(std::max(scratch->size(), static_cast<std::size_t>(count * size_)));
    }
    return of().read(first, count, scratch->data(), out);
  }

  /// A run of the inner view, straight to where it belongs.
  Status copy_run(std::int64_t first, std::int64_t count, std::byte* out) const {
    const std::byte* from = nullptr;
    if (Status status = of().read(first, count, out, &from); !status.ok()) return status;
    if (from != out) std::memcpy(out, from, static_cast<std::size_t>(count * size_));
    return Status::Ok();
  }

  /// Part of one row, whose column 0 is element `origin` of the inner view.
  Status copy_row(std::int64_t origin, std::int64_t col, std::int64_t count, std::vector<std::byte>* scratch,
                  std::byte* out) const {
    for (std::int64_t done = 0; done < count;) {
      const std::int64_t at = origin + cols_.at(col + done);
      std::int64_t run = 0;
      Status status;
      if (cols_.has_runs()) {
        run = cols_.run(col + done, count - done);
        status = copy_run(at, run, out + done * size_);
      } else {
        const std::int64_t stride = cols_.last_stride();
        const std::int64_t most = reach(stride);
        run = std::min(cols_.run(col + done, count - done), most);
        status = gather({at, stride, run}, scratch, out + done * size_);
      }
      if (!status.ok()) return status;
      done += run;
    }
    return Status::Ok();
  }

  /// Elements that one read covers.
  std::int64_t reach(std::int64_t stride) const {
    if (!of().needs_scratch() || stride == 0) return kCover;
    return stride > kMostCovered ? 1 : std::max<std::int64_t>(1, kCover / stride);
  }

  struct Comb {
    std::int64_t first;
    std::int64_t stride;
    std::int64_t count;
  };

  Status gather(const Comb& comb, std::vector<std::byte>* scratch, std::byte* out) const {
    const std::byte* from = nullptr;
    Status status = fetch(comb.first, (comb.count - 1) * comb.stride + 1, scratch, &from);
    if (status.ok()) spread({from, comb.stride * size_}, {out, size_}, comb.count);
    return status;
  }

  /// `rows` whole rows whose elements are neighbours in each column. Through a tile: written straight to their places,
  /// the elements of a column of a power of two would fight for the same lines of cache.
  Status copy_columns(std::int64_t row, std::int64_t rows, std::vector<std::byte>* scratch, std::byte* out) const {
    const std::int64_t origin = start_ + rows_.at(row);
    const std::int64_t width = cols_.length();
    std::vector<std::byte> tile(static_cast<std::size_t>(rows * std::min(kTileCols, width) * size_));
    for (std::int64_t begin = 0; begin < width; begin += kTileCols) {
      const std::int64_t step = std::min(kTileCols, width - begin) * size_;
      for (std::int64_t at = 0; at < step; at += size_) {
        const std::byte* from = nullptr;
        Status status = fetch(origin + cols_.at(begin + at / size_), rows, scratch, &from);
        if (!status.ok()) return status;
        spread({from, size_}, {tile.data() + at, step}, rows);
      }
      for (std::int64_t i = 0; i < rows; ++i) {
        std::memcpy(out + (i * width + begin) * size_, tile.data() + i * step, static_cast<std::size_t>(step));
      }
    }
    return Status::Ok();
  }

  template <typename Byte>
  struct Steps {
    Byte* at;
    std::int64_t step;
  };

  void spread(Steps<const std::byte> from, Steps<std::byte> to, std::int64_t count) const {
    // A constant size each: the copies become moves.
    if (size_ == 2) return spread_sized<2>(from, to, count);
    if (size_ == 4) return spread_sized<4>(from, to, count);
    spread_sized<8>(from, to, count);
  }

  template <std::size_t size>
  static void spread_sized(Steps<const std::byte> from, Steps<std::byte> to, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) std::memcpy(to.at + i * to.step, from.at + i * from.step, size);
  }

  std::int64_t start_;
  AxisDigits rows_;
  AxisDigits cols_;
  std::int64_t size_;
};

/// A slice whose rows follow each other without gaps.
bool is_contiguous(const AxisDigits& rows, const AxisDigits& cols) {
  const bool whole_row = cols.length() == 1 || (cols.digits() == 1 && cols.last_stride() == 1);
  const bool rows_follow = rows.length() == 1 || (rows.digits() == 1 && rows.last_stride() == cols.length());
  return whole_row && rows_follow;
}

}  // namespace

Status strided_view(const StridedTensor& tensor, TensorView* out) {
  const TensorView& of = tensor.of;
  if (Status status = admit({of}, 0); !status.ok()) return status;
  AxisDigits rows;
  AxisDigits cols;
  if (Status status = AxisDigits::make(tensor.rows, &rows); !status.ok()) return status;
  if (Status status = AxisDigits::make(tensor.cols, &cols); !status.ok()) return status;
  std::int64_t bytes = 0;
  std::int64_t last = tensor.start;
  if (__builtin_mul_overflow(rows.length(), cols.length(), &bytes) ||
      __builtin_mul_overflow(bytes, element_size(of.dtype), &bytes) ||
      __builtin_add_overflow(last, rows.last(), &last) || __builtin_add_overflow(last, cols.last(), &last)) {
    return refused("has more elements than 64 bits can count");
  }
  const bool empty = rows.length() == 0 || cols.length() == 0;
  if (tensor.start < 0 || (empty ? tensor.start > of.elements() : last >= of.elements())) {
    return refused("needs element " + std::to_string(empty ? tensor.start : last) + " of " + of.describe() +
                   ", which has " + std::to_string(of.elements()));
  }
  const AxisDigits& fastest = cols.length() == 1 ? rows : cols;
  if (!of.random_access() && fastest.last_stride() > kMostCovered) {
    return refused("takes columns " + std::to_string(fastest.last_stride()) + " elements apart from " + of.describe() +
                   ", which can only be read in blocks");
  }
  if (!of.derivation && is_contiguous(rows, cols)) {
    *out = of;
    out->offset += static_cast<std::uint64_t>(tensor.start * element_size(of.dtype));
    out->rows = rows.length();
    out->cols = cols.length();
    return Status::Ok();
  }
  const std::int64_t height = rows.length();
  const std::int64_t width = cols.length();
  // A column is read like a row: its elements have the same order.
  if (width == 1) std::swap(rows, cols);
  *out = view_of(std::make_shared<const Strided>(tensor, std::move(rows), std::move(cols)), height, width);
  return out->validate();
}

}  // namespace polarimeter
