#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "polarimeter/dense.h"

namespace polarimeter {

/// Elements that an operation on memory goes through between two looks at Control: 1 MiB.
inline constexpr std::int64_t kDensePiece = std::int64_t{1} << 17;

/// body(first, count) over all elements in order; counts them. fails kCancelled, and as the body
Status in_pieces(std::int64_t elements, Control& control,
                 const std::function<Status(std::int64_t, std::int64_t)>& body);

/// "rows x cols"
std::string shape_of(const DenseMatrix& a);

/// fails kInvalidArgument
Status same_shape(const char* operation, const DenseMatrix& a, const DenseMatrix& b);

/// The transpose of a rows x cols matrix, row-major both, in tiles. fails kCancelled
Status transpose(const double* from, std::int64_t rows, std::int64_t cols, double* to, Control& control);

}  // namespace polarimeter
