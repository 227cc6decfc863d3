#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "polarimeter/ops.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// BLAS and LAPACK as loaded from one library: Fortran entry points behind calls that take values.
///
/// Matrices are column-major with leading dimension ld*. Sizes are LAPACK's 32-bit integers: pass what fits_blas()
/// accepted. Safe from several threads at once; each call runs on the calling thread alone.
class Blas {
 public:
  BlasInfo info;

  /// y = alpha op(A) x + beta y
  void gemv(char trans, int m, int n, double alpha, const double* a, int lda, const double* x, int incx, double beta,
            double* y) const;
  /// y = A x, A symmetric, lower triangle stored
  void symv(int n, const double* a, int lda, const double* x, double* y) const;
  /// C = alpha op(A) op(B) + beta C, C is m x n, k the inner size
  void gemm(char trans_a, char trans_b, int m, int n, int k, double alpha, const double* a, int lda, const double* b,
            int ldb, double beta, double* c, int ldc) const;
  /// lower triangle of C += A A^T ('N', A n x k) or A^T A ('T', A k x n)
  void syrk(char trans, int n, int k, const double* a, int lda, double* c, int ldc) const;
  /// lower triangle of C -= A B^T + B A^T, A and B n x k
  void syr2k(int n, int k, const double* a, int lda, const double* b, int ldb, double* c, int ldc) const;
  /// Householder reflector H = I - tau v v^T, v = (1, x), with H (alpha, x) = (beta, 0); alpha becomes beta
  void larfg(int n, double* alpha, double* x, double* tau) const;

  /// QR factorisation of an m x n panel.
  void geqrf(int m, int n, double* a, int lda, double* tau, std::vector<double>& work) const;
  /// The first n columns of the product of k reflectors, in place.
  void orgqr(int m, int n, int k, double* a, int lda, const double* tau, std::vector<double>& work) const;
  /// The triangular factor t (k x k) of the block reflector H_1 ... H_k = I - V t V^T; V unit lower trapezoidal, n x k.
  void larft(int n, int k, const double* v, int ldv, const double* tau, double* t) const;
  /// C = H C ('N') or H^T C ('T') for that block reflector, C m x n; work is n x k.
  void larfb(char trans, int m, int n, int k, const double* v, int ldv, const double* t, double* c, int ldc,
             double* work) const;

  /// Eigenpairs il..iu (1-based, ascending) of a symmetric tridiagonal matrix; destroys d and e (n elements each).
  /// z is n x (iu - il + 1), leading dimension n. Returns LAPACK's info; `found` is the number of pairs.
  int stemr(int n, double* d, double* e, int il, int iu, double* w, double* z, int* found) const;

  /// Values only (job 'N') or thin vectors (job 'S') of an m x n matrix, which is destroyed. Returns LAPACK's info.
  int gesdd(char job, int m, int n, double* a, double* s, double* u, double* vt, double* work, int lwork) const;

  /// Takes the entry points from an open library; returns the first one missing, or nothing.
  std::string bind(void* library);

 private:
  using In = const char*;
  using Int = const int*;
  using Num = const double*;

  void (*dgemv_)(In, Int, Int, Num, Num, Int, Num, Int, Num, double*, Int, std::size_t) = nullptr;
  void (*dsymv_)(In, Int, Num, Num, Int, Num, Int, Num, double*, Int, std::size_t) = nullptr;
  void (*dgemm_)(In, In, Int, Int, Int, Num, Num, Int, Num, Int, Num, double*, Int, std::size_t, std::size_t) = nullptr;
  void (*dsyrk_)(In, In, Int, Int, Num, Num, Int, Num, double*, Int, std::size_t, std::size_t) = nullptr;
  void (*dsyr2k_)(In, In, Int, Int, Num, Num, Int, Num, Int, Num, double*, Int, std::size_t, std::size_t) = nullptr;
  void (*dlarfg_)(Int, double*, double*, Int, double*) = nullptr;
  void (*dgeqrf_)(Int, Int, double*, Int, double*, double*, Int, int*) = nullptr;
  void (*dorgqr_)(Int, Int, Int, double*, Int, Num, double*, Int, int*) = nullptr;
  void (*dlarft_)(In, In, Int, Int, Num, Int, Num, double*, Int, std::size_t, std::size_t) = nullptr;
  void (*dlarfb_)(In, In, In, In, Int, Int, Int, Num, Int, Num, Int, double*, Int, double*, Int, std::size_t,
                  std::size_t, std::size_t, std::size_t) = nullptr;
  void (*dstemr_)(In, In, Int, double*, double*, Num, Num, Int, Int, int*, double*, double*, Int, Int, int*, int*,
                  double*, Int, int*, Int, int*, std::size_t, std::size_t) = nullptr;
  void (*dgesdd_)(In, Int, Int, double*, Int, double*, double*, Int, double*, Int, double*, Int, int*, int*,
                  std::size_t) = nullptr;
};

/// The process's library, loaded on first use. fails kLibraryMissing
Status blas(const Blas** out);

/// Loads the first of `candidates` that has every routine. fails kLibraryMissing with what was wrong with each
Status open_blas(const std::vector<std::string>& candidates, Blas* out);

/// Where a library is looked for: POLARIMETER_BLAS alone when it is set.
std::vector<std::string> blas_candidates();

/// fails kInvalidArgument when one of the sizes exceeds LAPACK's 32-bit integers
Status fits_blas(std::initializer_list<std::int64_t> sizes);

}  // namespace polarimeter
