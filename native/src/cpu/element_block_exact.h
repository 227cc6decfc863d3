#pragma once

#include <cstdint>

#include "cpu/element_block.h"

namespace polarimeter {

/// What one pair has to tell, in a form that adds up.
struct PairSums {
  std::uint64_t n = 0;
  std::uint64_t invalid = 0;
  std::uint64_t changed = 0;
  std::uint64_t changed_native = 0;
  std::uint64_t above[kStepPlanes] = {};
  std::uint64_t beyond[kMaxThresholds] = {};
  double sum_sq_reference = 0;
  double sum_sq_variant = 0;
  double sum_sq_update = 0;
  double dot_reference_update = 0;
  double sum_sq_ulp = 0;
  double max_abs_update = 0;

  void add(const PairSums& other);
};

/// Sums of a block that the fast loops have gone through; `count` elements, padding not counted, all of them valid.
PairSums sums_of_states(const ReferenceState& reference, const PairState& pair, std::int64_t count);

/// Element by element, in float64, whatever the elements are. Adds a tile of `count` elements to `sums`, sets the
/// changed mask (whole words) and the updates, which are 0 where an element is invalid.
void exact_pair(StagedTile reference, StagedTile variant, std::int64_t count, Difference difference,
                const Thresholds& thresholds, std::uint64_t* changed, double* updates, PairSums* sums);

}  // namespace polarimeter
