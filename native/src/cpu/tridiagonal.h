#pragma once

#include <vector>

#include "cpu/blas.h"
#include "cpu/reflectors.h"
#include "polarimeter/job.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// The lower triangle of a symmetric n x n matrix, column-major.
struct Symmetric {
  double* data = nullptr;
  int ld = 1;
  int n = 0;
};

/// A symmetric tridiagonal matrix.
struct Tridiagonal {
  std::vector<double> diagonal;  ///< n
  std::vector<double> off;       ///< n; the last element is 0
  std::vector<double> values;    ///< eigenvalues, ascending, once tridiagonal_values() has found them

  int size() const { return static_cast<int>(diagonal.size()); }
};

/// G = Q T Q^T: the reflectors of Q lie below the diagonal of `g`.
struct Reduced {
  Symmetric g;
  Tridiagonal t;
  std::vector<double> tau;
};

/// Reduces g, in place, by Householder reflections.
/// work  n x 32
/// sums  F64
/// error |G - Q T Q^T| <= about n eps |G|
/// fails kCancelled, looked at after every column
/// from  Golub & Van Loan, Matrix Computations, 4th ed., 8.3.1; Dongarra, Sorensen & Hammarling, J. Comput. Appl. Math.
/// 27 (1989)
Status tridiagonalise(const Blas& blas, const Symmetric& g, Reduced* out, Control& control);

/// z = Q z for columns of length n. fails kCancelled
Status back_transform(const Blas& blas, const Reduced& reduced, const Columns& z, Control& control);

/// All eigenvalues of T, ascending, by the root-free QL iteration.
/// error about n eps |T| absolute
/// fails kNoConvergence; kCancelled, looked at after every sweep
/// from  Parlett, The Symmetric Eigenvalue Problem, 8.15 (Pal, Walker & Kahan)
Status tridiagonal_values(Tridiagonal* t, Control& control);

/// Consecutive eigenvectors of T, numbered in ascending order of eigenvalue.
struct VectorRange {
  int first = 0;
  int count = 0;
  double* z = nullptr;  ///< n x count
  int groups = 0;       ///< out: how many groups they were computed in
};

/// Eigenvectors of T by multiple relatively robust representations, in groups of about a hundred so that they can be
/// cancelled between groups. Groups end at gaps wide enough that no direction is found twice, yet vectors of different
/// groups are orthogonal only to n eps |T| / gap: where groups > 1 the caller orthonormalises. in    t       with its
/// values fails kNoConvergence kCancelled from  Dhillon & Parlett, Linear Algebra Appl. 387 (2004)
Status tridiagonal_vectors(const Blas& blas, const Tridiagonal& t, VectorRange* range, Control& control);

}  // namespace polarimeter
