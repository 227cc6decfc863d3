#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "core/element_plan.h"
#include "cpu/element_block.h"

namespace polarimeter {

/// How the changed masks of all variants lie to each other, over a run of blocks. Empty where nobody asked for it.
struct OverlapSums {
  std::vector<std::uint64_t> common;     ///< elements in both masks, i < j, as (0,1) (0,2) (1,2) (0,3) ...
  std::vector<std::uint64_t> consensus;  ///< (variants + 1) elements valid everywhere that are in exactly c masks

  explicit OverlapSums(const ElementPlan& plan);
  void add(const OverlapSums& other);
};

/// One thread's counting of overlaps, a block at a time.
///
/// A changed mask holds no invalid element of its own pair, so that the intersection of two is right as it is. Whether
/// an element is valid in every pair is kept here.
class OverlapCounter {
 public:
  explicit OverlapCounter(const ElementPlan& plan);

  /// A new block, all of its elements valid.
  void start(std::int64_t elements);
  /// Takes out what is NaN or infinite on either side, in a tile that begins at element `first` of the block.
  void exclude(std::int64_t first, std::int64_t count, StagedTile reference, StagedTile variant);
  /// Adds the block's counts; bit i of a mask is element i.
  void count(const std::vector<AlignedVector<std::uint64_t>>& masks, OverlapSums* sums);

 private:
  const ElementKernels& kernels_;
  std::int64_t words_ = 0;              ///< of the block's masks
  AlignedVector<std::uint64_t> valid_;  ///< a block
  std::vector<const std::uint64_t*> masks_;
};

}  // namespace polarimeter
