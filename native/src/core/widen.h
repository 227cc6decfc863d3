#pragma once

#include <cstddef>
#include <cstdint>

#include "polarimeter/tensor_view.h"

namespace polarimeter {

/// Elements to float64, exactly. `from` need not be aligned; it may be `out` itself where dtype is F64.
void widen(DType dtype, const std::byte* from, std::int64_t count, double* out);

/// A float16, exactly.
double widened_f16(std::uint16_t bits);

}  // namespace polarimeter
