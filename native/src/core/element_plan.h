#pragma once

#include <cstdint>
#include <vector>

#include "core/element_geometry.h"
#include "cpu/element_block.h"
#include "polarimeter/ops.h"

namespace polarimeter {

/// Everything about an element pass that is decided before it starts.
struct ElementPlan {
  explicit ElementPlan(const ElementPassRequest& request);

  std::size_t variants() const { return views.size() - 1; }
  std::size_t dots() const { return variants() * (variants() - 1) / 2; }

  std::vector<TensorView> views;  ///< the reference, then the variants
  ElementGeometry geometry;
  const ElementKernels& kernels;
  Thresholds thresholds;
  Difference difference;
  bool staged;  ///< widen every tile first: some view is not bf16, or the instruction set has no bf16 loops
  bool profiles;
  bool overlaps;
};

}  // namespace polarimeter
