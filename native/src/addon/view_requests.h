#pragma once

#include <vector>

#include "arguments.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter::addon {

/// A stored view, or one derived from others. What cannot be derived is refused here; throws as Argument does.
TensorView tensor_view_from(const Argument& view);
std::vector<TensorView> tensor_views_from(const Argument& views);

}  // namespace polarimeter::addon
