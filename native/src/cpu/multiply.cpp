#include "cpu/multiply.h"

#include <algorithm>

#include "cpu/advance.h"

namespace polarimeter {
namespace {

// Narrower stripes waste the packing of the other operand.
constexpr double kNarrowest = 64;

int stripe_width(double rows, double inner, int columns) {
  const double width = std::max(kNarrowest, kStepFlops / std::max(1.0, 2 * rows * inner));
  return static_cast<int>(std::min<double>(width, std::max(1, columns)));
}

// The inner size that BLAS works through at a time anyway. Slices of it allow wider stripes per step, which share the
// packing of the other operand: at d = 8192 stripes over an inner size of 1024 cost a quarter more.
constexpr int kInner = 384;

std::ptrdiff_t at(int column, int ld) { return static_cast<std::ptrdiff_t>(column) * ld; }

/// add_gram for an inner size of at most kInner.
Status add_slice(const Blas& blas, const Product& p, Control& control) {
  const bool plain = p.trans_a == 'N';
  const int width = stripe_width(p.n, p.k, p.n);
  for (int j = 0; j < p.n; j += width) {
    const int columns = std::min(width, p.n - j);
    const int below = p.n - j - columns;
    const double* stripe = plain ? p.a + j : p.a + at(j, p.lda);
    const double* rest = plain ? stripe + columns : stripe + at(columns, p.lda);
    double* corner = p.c + at(j, p.ldc) + j;
    blas.syrk(p.trans_a, columns, p.k, stripe, p.lda, corner, p.ldc);
    if (below > 0) {
      blas.gemm(plain ? 'N' : 'T', plain ? 'T' : 'N', below, columns, p.k, 1, rest, p.lda, stripe, p.lda, 1,
                corner + columns, p.ldc);
    }
    Status status = advance(control, (2.0 * below + columns) * columns * p.k);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace

Status multiply(const Blas& blas, const Product& p, Control& control) {
  const int width = stripe_width(p.m, p.k, p.n);
  for (int j = 0; j < p.n; j += width) {
    const int columns = std::min(width, p.n - j);
    const double* b = p.trans_b == 'N' ? p.b + at(j, p.ldb) : p.b + j;
    blas.gemm(p.trans_a, p.trans_b, p.m, columns, p.k, p.alpha, p.a, p.lda, b, p.ldb, p.beta, p.c + at(j, p.ldc),
              p.ldc);
    Status status = advance(control, 2.0 * p.m * columns * p.k);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status add_gram(const Blas& blas, const Product& p, Control& control) {
  const int slices = std::max(1, (p.k + kInner - 1) / kInner), slice = (p.k + slices - 1) / slices;
  for (int first = 0; first < p.k; first += slice) {
    Product part = p;
    part.k = std::min(slice, p.k - first);
    part.a = p.trans_a == 'N' ? p.a + at(first, p.lda) : p.a + first;
    Status status = add_slice(blas, part, control);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace polarimeter
