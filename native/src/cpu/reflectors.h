#pragma once

#include <vector>

#include "cpu/blas.h"
#include "polarimeter/job.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// `count` <= kPanel Householder reflectors of length `rows`, below the diagonal of a column-major panel as LAPACK's
/// dgeqrf leaves them; what lies on and above the diagonal is not looked at.
struct Reflectors {
  int rows = 0;
  int count = 0;
  double* panel = nullptr;
  int ld = 1;
  const double* tau = nullptr;
};

/// Columns of a column-major matrix.
struct Columns {
  double* data = nullptr;
  int ld = 1;
  int count = 0;
};

/// Columns in a panel of reflectors.
inline constexpr int kPanel = 32;

/// c = Q c ('N') or Q^T c ('T') for one panel, in column stripes; counts its operations. fails kCancelled
Status apply_reflectors(const Blas& blas, char trans, const Reflectors& q, const Columns& c, Control& control);

}  // namespace polarimeter
