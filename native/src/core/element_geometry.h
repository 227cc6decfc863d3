#pragma once

#include <cstdint>

namespace polarimeter {

/// A run of consecutive elements: whole rows, or a piece of one long row.
struct ElementBlock {
  std::int64_t row = 0;
  std::int64_t rows = 0;
  std::int64_t col = 0;
  std::int64_t cols = 0;
  std::int64_t first = 0;  ///< index of its first element in the matrix

  std::int64_t elements() const { return rows * cols; }
};

/// How a matrix is cut into blocks, and blocks into chunks. Depends on the shape alone: sums added up in the order of
/// blocks have the same bits for any number of threads.
class ElementGeometry {
 public:
  static constexpr std::int64_t kBlockElements = std::int64_t{1} << 18;
  static constexpr std::int64_t kBlocksPerChunk = 4;

  ElementGeometry(std::int64_t rows, std::int64_t cols);

  std::int64_t blocks() const { return blocks_; }
  std::int64_t chunks() const { return (blocks_ + kBlocksPerChunk - 1) / kBlocksPerChunk; }
  ElementBlock block(std::int64_t index) const;
  /// Widest block: as many column counters serve for any of them.
  std::int64_t widest() const;

 private:
  std::int64_t rows_;
  std::int64_t cols_;
  std::int64_t rows_per_block_ = 1;
  std::int64_t pieces_per_row_ = 1;
  std::int64_t blocks_ = 0;
};

}  // namespace polarimeter
