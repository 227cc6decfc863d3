#pragma once

#include <string>
#include <vector>

#include "polarimeter/ops.h"

namespace polarimeter {

/// The reference, then the variants.
std::vector<TensorView> reference_first(const TensorView& reference, const std::vector<TensorView>& variants);

/// Whether every view can be read and has the shape of the first, and the instruction set runs here. fails
/// kInvalidArgument kFileTooShort
Status check_pairs(const std::string& operation, const std::vector<TensorView>& views, Isa isa);

}  // namespace polarimeter
