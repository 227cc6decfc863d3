#pragma once

#include <cstdint>

#include "cpu/blas.h"
#include "cpu/reflectors.h"
#include "polarimeter/job.h"
#include "polarimeter/ops.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// Replaces the columns (m x k, k <= m) by the orthonormal factor of their QR factorisation with positive diagonal:
/// column i keeps its direction except for what lies in the span of the columns before it. Where a column has nothing
/// left of its own, an arbitrary direction of the complement takes its place. out   r       where given, the upper
/// triangle (k x k, column-major, zero below); its diagonal is not negative sums  F64 (Householder, panels of 32) error
/// |Q^T Q - I| <= about m eps fails kCancelled from  Golub & Van Loan, Matrix Computations, 4th ed., 5.2
Status orthonormalise(const Blas& blas, int m, const Columns& columns, double* r, Control& control);

/// max |Q^T Q - I| over the columns of a basis. fails kOutOfMemory kCancelled
Status orthogonality_error(const Blas& blas, const Basis& basis, double* error, Control& control);

/// Shape consistent and columns orthonormal to 1e-8. fails kInvalidArgument kOutOfMemory kCancelled
Status check_basis(const Blas& blas, const Basis& basis, Control& control);

}  // namespace polarimeter
