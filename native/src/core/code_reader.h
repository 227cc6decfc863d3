#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "cpu/element_block.h"
#include "polarimeter/status.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter {

/// A rectangle of a matrix.
struct Region {
  std::int64_t row = 0;
  std::int64_t col = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

/// bf16 codes of a rectangle, at any byte address.
struct CodeRows {
  const std::byte* first = nullptr;
  std::int64_t stride = 0;  ///< elements from one row to the next

  const std::byte* row(std::int64_t i) const { return first + 2 * stride * i; }
};

/// Reads rectangles of views as the codes that element_pass sees: in place where a view is mapped bf16.
class CodeReader {
 public:
  CodeReader(const ElementKernels& kernels, std::size_t views);

  /// The codes of the `index`th view; they stay until that view is read again. Throws std::bad_alloc alone.
  /// fails as TensorView::read
  Status read(std::size_t index, const TensorView& view, const Region& region, CodeRows* out);

 private:
  Status read_run(const TensorView& view, std::int64_t first, std::int64_t count, std::uint16_t* codes);

  const ElementKernels& kernels_;
  std::vector<std::byte> bytes_;
  std::vector<double> values_;
  std::vector<AlignedVector<std::uint16_t>> codes_;
};

}  // namespace polarimeter
