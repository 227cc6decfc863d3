#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "cpu/blas.h"
#include "cpu/dense_steps.h"
#include "cpu/guarded.h"
#include "cpu/multiply.h"
#include "cpu/orthonormal.h"
#include "polarimeter/dense.h"

namespace polarimeter {
namespace {

/// X <- X (3 I - X^T X) / 2, which takes every singular value below sqrt 3 to 1 and leaves the vectors alone. For
/// matrices that are nearly orthonormal already: a third of the work of a decomposition.
class Iteration {
 public:
  Iteration(const Blas& blas, const DenseMatrix& a, Control& control)
      : blas_(blas), a_(a), control_(control), n_(a.cols()) {}

  /// Not converged: nothing is said of the matrix.
  Status run(bool* converged, DenseMatrix::Shared* out) {
    if (Status status = DenseMatrix::make(n_, n_, &gram_); !status.ok()) return status;
    double before = kFarthest;
    const DenseMatrix* from = &a_;
    for (int step = 0; step < kSteps; ++step) {
      double off = 0;
      if (Status status = prepare(*from, &off); !status.ok()) return status;
      // |X^T X - I|_F < 2 bounds the singular values by sqrt 3. What grows does not converge.
      if (!(off < kFarthest) || off > before) return Status::Ok();
      before = off;
      DenseMatrix::Shared next;
      if (Status status = dense_multiply({*from, *gram_}, control_, &next); !status.ok()) return status;
      x_ = std::move(next);
      from = x_.get();
      if (off > kNear) continue;
      *converged = true;
      *out = std::move(x_);
      break;
    }
    return Status::Ok();
  }

 private:
  static constexpr double kFarthest = 2;
  /// What is this near is off by its square after the step, which is less than rounding.
  static constexpr double kNear = 1e-9;
  static constexpr int kSteps = 10;

  /// (3 I - X^T X) / 2, and |X^T X - I|_F.
  Status prepare(const DenseMatrix& x, double* off) {
    const int n = static_cast<int>(n_);
    double* const g = gram_->data();
    std::fill_n(g, gram_->elements(), 0.0);
    // The row-major matrix is its transpose to BLAS: X^T X is A A^T.
    const Product square{
        .trans_a = 'N', .n = n, .k = static_cast<int>(x.rows()), .a = x.data(), .lda = n, .c = g, .ldc = n};
    if (Status status = add_gram(blas_, square, control_); !status.ok()) return status;
    double sum = 0;
    for (std::int64_t j = 0; j < n_; ++j) {
      for (std::int64_t i = j; i < n_; ++i) {
        const double difference = g[j * n_ + i] - (i == j ? 1 : 0);
        sum += (i == j ? 1 : 2) * difference * difference;
        g[j * n_ + i] = g[i * n_ + j] = (i == j ? 1.0 : 0.0) - difference / 2;
      }
    }
    *off = std::sqrt(sum);
    return Status::Ok();
  }

  const Blas& blas_;
  const DenseMatrix& a_;
  Control& control_;
  std::int64_t n_;
  DenseMatrix::Shared gram_, x_;
};

/// U V^T of the decomposition of a square matrix or a tall one.
Status aligned(const std::shared_ptr<const DenseMatrix>& a, Control& control, DenseMatrix::Shared* out) {
  DenseSvd svd;
  const std::int64_t d = std::min(a->rows(), a->cols());
  if (Status status = dense_svd(a, {{0, d}}, control, &svd); !status.ok()) return status;
  return dense_multiply({*svd.left, *svd.right, false, true}, control, out);
}

/// A = Q R first, so that the decomposition is of n x n.
Status polar_of_tall(const Blas& blas, const DenseMatrix& a, Control& control, DenseMatrix::Shared* out) {
  DenseMatrix::Shared columns, q, r, turned;
  if (Status status = DenseMatrix::make(a.cols(), a.rows(), &columns); !status.ok()) return status;
  if (Status status = DenseMatrix::make(a.cols(), a.cols(), &r); !status.ok()) return status;
  if (Status status = transpose(a.data(), a.rows(), a.cols(), columns->data(), control); !status.ok()) return status;
  const int m = static_cast<int>(a.rows()), n = static_cast<int>(a.cols());
  Status status = orthonormalise(blas, m, {columns->data(), m, n}, r->data(), control);
  // Column-major R is row-major R^T, whose polar factor is the transpose of R's.
  if (status.ok()) status = aligned(r, control, &turned);
  if (!status.ok()) return status;
  return dense_multiply({*columns, *turned, true, true}, control, out);
}

Status not_finite(const DenseMatrix& a, Control& control) {
  double norm = 0;
  if (Status status = dense_norm(a, control, &norm); !status.ok() || std::isfinite(norm)) return status;
  return Status::Error(Code::kNotFinite, "A matrix of " + shape_of(a) +
                                             " without polar factor: it holds NaN or "
                                             "infinity, or its norm exceeds float64.");
}

}  // namespace

Status dense_polar(const std::shared_ptr<const DenseMatrix>& a, Control& control, DenseMatrix::Shared* out) {
  return guarded("dense_polar", [&] {
    if (a->rows() < a->cols()) {
      return Status::Error(Code::kInvalidArgument,
                           "A matrix of " + shape_of(*a) + " cannot have orthonormal columns: it is wider than tall.");
    }
    if (Status status = not_finite(*a, control); !status.ok()) return status;
    if (a->cols() == 0) return dense_zeros(a->rows(), 0, control, out);
    if (Status status = fits_blas({a->rows(), a->cols()}); !status.ok()) return status;
    const Blas* library = nullptr;
    if (Status status = blas(&library); !status.ok()) return status;
    bool converged = false;
    Status iterated = Iteration(*library, *a, control).run(&converged, out);
    if (!iterated.ok() || converged) return iterated;
    return a->rows() == a->cols() ? aligned(a, control, out) : polar_of_tall(*library, *a, control, out);
  });
}

}  // namespace polarimeter
