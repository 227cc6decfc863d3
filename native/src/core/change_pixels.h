#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "core/aligned_vector.h"
#include "core/code_reader.h"
#include "cpu/element_block.h"
#include "polarimeter/ops.h"

namespace polarimeter {

/// What is known of the weights behind one pixel.
struct ChangePixel {
  std::uint64_t invalid = 0;
  std::uint64_t changed = 0;  ///< over all variants
  std::uint64_t up = 0;
  int highest = 0;
  int lowest = 0;
};

/// The pixels of a tile while blocks of weights are added in any order.
class ChangePixels {
 public:
  explicit ChangePixels(const ChangeTileRequest& request);

  std::int64_t rows() const { return rows_; }
  std::int64_t cols() const { return cols_; }
  int level() const { return level_; }

  /// Adds to the pixels [col, col + found.size()) of a row of them. Thread-safe.
  void add(std::int64_t row, std::int64_t col, const std::vector<ChangePixel>& found);
  std::vector<std::uint8_t> bytes() const;

 private:
  std::uint8_t byte_of(const ChangePixel& pixel, std::uint64_t weights) const;

  ChangeReduction reduction_;
  std::uint64_t variants_;
  Region region_;
  int level_;
  std::int64_t rows_;
  std::int64_t cols_;
  std::mutex mutex_;
  std::vector<ChangePixel> pixels_;
};

/// Counts the changes of a block of rows column by column, and hands them to the pixels.
class ColumnCounter {
 public:
  ColumnCounter(const ElementKernels& kernels, ChangeReduction reduction);

  /// @param codes of the reference, then of the variants
  /// @param block a part of the tile, counted from its first weight; its columns lie in one pixel, or it begins at the
  ///        edge of one
  /// fails kCancelled
  Status count(const std::vector<CodeRows>& codes, const Region& block, const Control& control, ChangePixels* pixels);

 private:
  void start(std::int64_t cols);
  void count_row(const std::vector<CodeRows>& codes, std::int64_t row, std::int64_t cols);
  void clear_invalid(const std::vector<CodeRows>& codes, std::int64_t row, std::int64_t cols);
  void flush(std::int64_t pixel_row, const Region& block, ChangePixels* pixels);

  const ElementKernels& kernels_;
  ChangeReduction reduction_;
  AlignedVector<std::uint16_t> changed_;
  AlignedVector<std::uint16_t> up_;
  AlignedVector<std::int16_t> highest_;
  AlignedVector<std::int16_t> lowest_;
  AlignedVector<std::uint16_t> invalid_;
  bool any_invalid_ = false;
  std::vector<const std::byte*> row_;
  std::vector<std::vector<std::uint16_t>> cleared_;
  std::vector<ChangePixel> found_;
};

}  // namespace polarimeter
