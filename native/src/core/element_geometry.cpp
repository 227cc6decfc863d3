#include "core/element_geometry.h"

#include <algorithm>

namespace polarimeter {

ElementGeometry::ElementGeometry(std::int64_t rows, std::int64_t cols) : rows_(rows), cols_(cols) {
  if (rows == 0 || cols == 0) return;
  if (cols <= kBlockElements) {
    rows_per_block_ = kBlockElements / cols;
    blocks_ = (rows - 1) / rows_per_block_ + 1;
  } else {
    pieces_per_row_ = (cols - 1) / kBlockElements + 1;
    blocks_ = rows * pieces_per_row_;
  }
}

ElementBlock ElementGeometry::block(std::int64_t index) const {
  ElementBlock block;
  if (pieces_per_row_ == 1) {
    block.row = index * rows_per_block_;
    block.rows = std::min(rows_per_block_, rows_ - block.row);
    block.cols = cols_;
  } else {
    block.row = index / pieces_per_row_;
    block.rows = 1;
    block.col = index % pieces_per_row_ * kBlockElements;
    block.cols = std::min(kBlockElements, cols_ - block.col);
  }
  block.first = block.row * cols_ + block.col;
  return block;
}

std::int64_t ElementGeometry::widest() const { return std::min(cols_, kBlockElements); }

}  // namespace polarimeter
