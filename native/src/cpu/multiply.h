#pragma once

#include "cpu/blas.h"
#include "polarimeter/job.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// Floating-point operations between two looks at Control: 25 to 60 ms of one core.
inline constexpr double kStepFlops = 2e9;

/// C = alpha op(A) op(B) + beta C, column-major; C is m x n and k the inner size.
struct Product {
  char trans_a = 'N';
  char trans_b = 'N';
  int m = 0, n = 0, k = 0;
  double alpha = 1;
  const double* a = nullptr;
  int lda = 1;
  const double* b = nullptr;
  int ldb = 1;
  double beta = 0;
  double* c = nullptr;
  int ldc = 1;
};

/// One product in column stripes, so that it can be cancelled; counts its operations. fails kCancelled
Status multiply(const Blas& blas, const Product& product, Control& control);

/// Lower triangle of the symmetric n x n matrix C += A A^T ('N', A is n x k) or A^T A ('T', A is k x n), as multiply().
Status add_gram(const Blas& blas, const Product& a, Control& control);

}  // namespace polarimeter
