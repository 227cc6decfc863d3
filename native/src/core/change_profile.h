#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "core/element_geometry.h"
#include "core/element_plan.h"
#include "cpu/element_block.h"
#include "polarimeter/ops.h"

namespace polarimeter {

/// Changed counts per row and column of every pair, shared by all threads.
class ChangeProfiles {
 public:
  /// Makes room in `pairs`, which must outlive this.
  ChangeProfiles(const ElementPlan& plan, std::vector<PairElements>* pairs);

  void add_row(std::size_t variant, std::int64_t row, std::uint32_t changed);
  void add_columns(std::size_t variant, std::int64_t first, const std::vector<std::uint32_t>& counters,
                   std::int64_t count);

 private:
  std::vector<PairElements>* pairs_;
  std::mutex mutex_;
};

/// One thread's counting: takes changed masks of blocks, keeps column counters and hands them over when the columns of
/// the next block are others, or at flush().
class ChangeCounter {
 public:
  explicit ChangeCounter(const ElementPlan& plan);

  /// `mask` holds the bits of the block's elements without gaps, bit i of the whole is element i.
  void count(std::size_t variant, const ElementBlock& block, const std::uint64_t* mask, ChangeProfiles* profiles);
  void flush(ChangeProfiles* profiles);

 private:
  void count_rows(std::size_t variant, const ElementBlock& block, std::int64_t first_row, std::int64_t rows,
                  const std::uint64_t* masks, ChangeProfiles* profiles) const;

  const ElementKernels& kernels_;
  std::vector<std::vector<std::uint32_t>> counters_;  ///< per variant, one per column
  std::vector<std::uint64_t> aligned_;                ///< kMaskRows row masks that begin at a word
  std::vector<bool> dirty_;
  std::int64_t first_col_ = 0;
  std::int64_t cols_ = 0;
};

}  // namespace polarimeter
