#include "cpu/tridiagonal.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "cpu/advance.h"
#include "cpu/multiply.h"
#include "cpu/reflectors.h"

namespace polarimeter {
namespace {

/// One panel of the reduction. Column c of the panel holds the reflector v_c below the diagonal; w collects the vectors
/// with which the trailing matrix is G - V W^T - W V^T. The trailing matrix itself is touched once per panel; until
/// then each new column is corrected when its turn comes.
class Reduction {
 public:
  Reduction(const Blas& blas, const Symmetric& g, Reduced& out)
      : blas_(blas),
        g_(g.data),
        ld_(g.ld),
        n_(g.n),
        t_(out.t),
        tau_(out.tau),
        w_(static_cast<std::size_t>(n_) * kPanel) {}

  Status run(Control& control) {
    for (int first = 0; first < n_; first += kPanel) {
      const int end = std::min(n_, first + kPanel);
      for (int c = first; c < end; ++c) {
        correct_column(first, c);
        if (c + 1 < n_) reflect(first, c);
        const double below = n_ - 1 - c;
        Status status = advance(control, 2 * below * below);
        if (!status.ok()) return status;
      }
      Status status = update_trailing(first, end, control);
      if (!status.ok()) return status;
    }
    return Status::Ok();
  }

 private:
  double* g(int row, int col) { return g_ + row + static_cast<std::ptrdiff_t>(col) * ld_; }
  double* w(int row, int col) { return w_.data() + row + static_cast<std::ptrdiff_t>(col) * n_; }

  /// Subtracts what the panel's earlier reflectors owe to column c, from the diagonal down.
  void correct_column(int first, int c) {
    const int done = c - first, rows = n_ - c;
    if (done > 0) {
      blas_.gemv('N', rows, done, -1, g(c, first), ld_, w(c, 0), n_, 1, g(c, c));
      blas_.gemv('N', rows, done, -1, w(c, 0), n_, g(c, first), ld_, 1, g(c, c));
    }
    t_.diagonal[static_cast<std::size_t>(c)] = *g(c, c);
  }

  void reflect(int first, int c) {
    const int done = c - first, rows = n_ - 1 - c, i = c + 1;
    double* v = g(i, c);
    double* column = w(i, done);
    double& tau = tau_[static_cast<std::size_t>(c)];
    blas_.larfg(rows, v, g(std::min(i + 1, n_ - 1), c), &tau);
    t_.off[static_cast<std::size_t>(c)] = *v;
    *v = 1;
    blas_.symv(rows, g(i, i), ld_, v, column);
    if (done > 0) {
      std::array<double, kPanel> part;
      blas_.gemv('T', rows, done, 1, w(i, 0), n_, v, 1, 0, part.data());
      blas_.gemv('N', rows, done, -1, g(i, first), ld_, part.data(), 1, 1, column);
      blas_.gemv('T', rows, done, 1, g(i, first), ld_, v, 1, 0, part.data());
      blas_.gemv('N', rows, done, -1, w(i, 0), n_, part.data(), 1, 1, column);
    }
    double dot = 0;
    for (int r = 0; r < rows; ++r) dot += column[r] * v[r];
    const double shift = tau * tau * dot / 2;
    for (int r = 0; r < rows; ++r) column[r] = tau * column[r] - shift * v[r];
  }

  /// G -= V W^T + W V^T, lower triangle, in column stripes.
  Status update_trailing(int first, int end, Control& control) {
    const int k = end - first;
    const double rows = std::max(1, n_ - end);
    const int width = static_cast<int>(std::max(256.0, kStepFlops / (4 * rows * k)));
    for (int j = end; j < n_; j += width) {
      const int columns = std::min(width, n_ - j), below = n_ - j - columns, next = j + columns;
      blas_.syr2k(columns, k, g(j, first), ld_, w(j, 0), n_, g(j, j), ld_);
      if (below > 0) {
        blas_.gemm('N', 'T', below, columns, k, -1, g(next, first), ld_, w(j, 0), n_, 1, g(next, j), ld_);
        blas_.gemm('N', 'T', below, columns, k, -1, w(next, 0), n_, g(j, first), ld_, 1, g(next, j), ld_);
      }
      Status status = advance(control, (4.0 * below + 2.0 * columns) * columns * k);
      if (!status.ok()) return status;
    }
    return Status::Ok();
  }

  const Blas& blas_;
  double* g_;
  int ld_;
  int n_;
  Tridiagonal& t_;
  std::vector<double>& tau_;
  std::vector<double> w_;
};

}  // namespace

Status tridiagonalise(const Blas& blas, const Symmetric& g, Reduced* out, Control& control) {
  const std::size_t n = static_cast<std::size_t>(g.n);
  out->g = g;
  out->t.diagonal.assign(n, 0);
  out->t.off.assign(n, 0);
  out->tau.assign(n, 0);
  return Reduction(blas, g, *out).run(control);
}

Status back_transform(const Blas& blas, const Reduced& reduced, const Columns& z, Control& control) {
  const Symmetric& g = reduced.g;
  const int reflectors = g.n - 1;
  // Q is the product of the panels in order, so the last one is applied first.
  for (int first = (reflectors - 1) / kPanel * kPanel; reflectors > 0 && first >= 0; first -= kPanel) {
    const int count = std::min(kPanel, reflectors - first);
    double* panel = g.data + (first + 1) + static_cast<std::ptrdiff_t>(first) * g.ld;
    const Reflectors q{g.n - 1 - first, count, panel, g.ld, reduced.tau.data() + first};
    Status status = apply_reflectors(blas, 'N', q, {z.data + first + 1, z.ld, z.count}, control);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace polarimeter
