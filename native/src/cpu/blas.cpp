#include "cpu/blas.h"

#include <algorithm>
#include <limits>

namespace polarimeter {
namespace {

/// Workspace for geqrf and orgqr with LAPACK's block size, 64 at most.
int grow(std::vector<double>& work, int columns) {
  const std::size_t size = static_cast<std::size_t>(std::max(1, columns)) * 64;
  if (work.size() < size) work.resize(size);
  return static_cast<int>(std::min<std::size_t>(work.size(), std::numeric_limits<int>::max()));
}

}  // namespace

void Blas::gemv(char trans, int m, int n, double alpha, const double* a, int lda, const double* x, int incx,
                double beta, double* y) const {
  const int one = 1;
  dgemv_(&trans, &m, &n, &alpha, a, &lda, x, &incx, &beta, y, &one, 1);
}

void Blas::symv(int n, const double* a, int lda, const double* x, double* y) const {
  const char lower = 'L';
  const double alpha = 1, beta = 0;
  const int one = 1;
  dsymv_(&lower, &n, &alpha, a, &lda, x, &one, &beta, y, &one, 1);
}

void Blas::gemm(char trans_a, char trans_b, int m, int n, int k, double alpha, const double* a, int lda,
                const double* b, int ldb, double beta, double* c, int ldc) const {
  dgemm_(&trans_a, &trans_b, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc, 1, 1);
}

void Blas::syrk(char trans, int n, int k, const double* a, int lda, double* c, int ldc) const {
  const char lower = 'L';
  const double one = 1;
  dsyrk_(&lower, &trans, &n, &k, &one, a, &lda, &one, c, &ldc, 1, 1);
}

void Blas::syr2k(int n, int k, const double* a, int lda, const double* b, int ldb, double* c, int ldc) const {
  const char lower = 'L', trans = 'N';
  const double alpha = -1, beta = 1;
  dsyr2k_(&lower, &trans, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc, 1, 1);
}

void Blas::larfg(int n, double* alpha, double* x, double* tau) const {
  const int one = 1;
  dlarfg_(&n, alpha, x, &one, tau);
}

void Blas::geqrf(int m, int n, double* a, int lda, double* tau, std::vector<double>& work) const {
  const int lwork = grow(work, n);
  int result = 0;
  dgeqrf_(&m, &n, a, &lda, tau, work.data(), &lwork, &result);
}

void Blas::orgqr(int m, int n, int k, double* a, int lda, const double* tau, std::vector<double>& work) const {
  const int lwork = grow(work, n);
  int result = 0;
  dorgqr_(&m, &n, &k, a, &lda, tau, work.data(), &lwork, &result);
}

void Blas::larft(int n, int k, const double* v, int ldv, const double* tau, double* t) const {
  const char forward = 'F', columnwise = 'C';
  dlarft_(&forward, &columnwise, &n, &k, v, &ldv, tau, t, &k, 1, 1);
}

void Blas::larfb(char trans, int m, int n, int k, const double* v, int ldv, const double* t, double* c, int ldc,
                 double* work) const {
  const char left = 'L', forward = 'F', columnwise = 'C';
  const int ldwork = std::max(1, n);
  dlarfb_(&left, &trans, &forward, &columnwise, &m, &n, &k, v, &ldv, t, &k, c, &ldc, work, &ldwork, 1, 1, 1, 1);
}

int Blas::stemr(int n, double* d, double* e, int il, int iu, double* w, double* z, int* found) const {
  const char vectors = 'V', range = 'I';
  const double unused = 0;
  const int columns = iu - il + 1, lwork = 18 * n, liwork = 10 * n;
  std::vector<double> work(static_cast<std::size_t>(lwork));
  std::vector<int> iwork(static_cast<std::size_t>(liwork)), support(2 * static_cast<std::size_t>(columns));
  // High relative accuracy is not asked for: the matrix is known to absolute accuracy only.
  int tryrac = 0, result = 0;
  dstemr_(&vectors, &range, &n, d, e, &unused, &unused, &il, &iu, found, w, z, &n, &columns, support.data(), &tryrac,
          work.data(), &lwork, iwork.data(), &liwork, &result, 1, 1);
  return result;
}

int Blas::gesdd(char job, int m, int n, double* a, double* s, double* u, double* vt, double* work, int lwork) const {
  const int d = std::min(m, n);
  std::vector<int> iwork(8 * static_cast<std::size_t>(d));
  int result = 0;
  dgesdd_(&job, &m, &n, a, &m, s, u, &m, vt, &d, work, &lwork, iwork.data(), &result, 1);
  return result;
}

Status fits_blas(std::initializer_list<std::int64_t> sizes) {
  for (const std::int64_t size : sizes) {
    if (size > std::numeric_limits<int>::max()) {
      return Status::Error(Code::kInvalidArgument,
                           "A size of " + std::to_string(size) + " exceeds the 32-bit integers of LAPACK.");
    }
  }
  return Status::Ok();
}

}  // namespace polarimeter
