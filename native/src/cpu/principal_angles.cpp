#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "cpu/advance.h"
#include "cpu/blas.h"
#include "cpu/guarded.h"
#include "cpu/multiply.h"
#include "cpu/orthonormal.h"
#include "cpu/workspace.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

int narrow(std::int64_t size) { return static_cast<int>(size); }

Status no_memory() { return Status::Error(Code::kOutOfMemory, "Out of memory for principal angles."); }

/// Two subspaces with a of at least the dimension of b.
class Angles {
 public:
  Angles(const Blas& blas, const Basis& a, const Basis& b, Control& control)
      : blas_(blas), control_(control), a_(a), b_(b), dim_(narrow(a.dim)), ka_(narrow(a.count)), kb_(narrow(b.count)) {}

  Status run(std::vector<double>* angles) {
    Workspace cosine_matrix = Workspace::allocate(a_.count * b_.count);
    Workspace rest = Workspace::allocate(b_.dim * b_.count);
    if (!cosine_matrix || !rest) return no_memory();
    std::copy(b_.values.begin(), b_.values.end(), rest.data());
    std::vector<double> cosines, sines;
    Status status = project(rest.data(), cosine_matrix.data());
    if (status.ok()) status = values(ka_, kb_, cosine_matrix.data(), &cosines);
    // Once more: what the first subtraction left inside span(a) is rounding of size eps, and as large as a small sine.
    if (status.ok()) status = project(rest.data(), cosine_matrix.data());
    cosine_matrix = Workspace();
    if (status.ok()) status = sines_of(rest.data(), &sines);
    if (!status.ok()) return status;
    combine(cosines, sines, angles);
    return Status::Ok();
  }

 private:
  /// c = a^T x and x -= a c.
  Status project(double* x, double* c) {
    const double* a = a_.values.data();
    Status status = multiply(blas_, {'T', 'N', ka_, kb_, dim_, 1, a, dim_, x, dim_, 0, c, ka_}, control_);
    if (!status.ok()) return status;
    return multiply(blas_, {'N', 'N', dim_, kb_, ka_, -1, a, dim_, c, ka_, 1, x, dim_}, control_);
  }

  /// Singular values of x (dim x kb) through its triangular factor.
  Status sines_of(double* x, std::vector<double>* sines) {
    Workspace r = Workspace::allocate(b_.count * b_.count);
    if (!r) return no_memory();
    Status status = orthonormalise(blas_, dim_, {x, dim_, kb_}, r.data(), control_);
    return status.ok() ? values(kb_, kb_, r.data(), sines) : status;
  }

  /// Descending singular values of a rows x cols matrix, which is destroyed.
  Status values(int rows, int cols, double* matrix, std::vector<double>* out) {
    const std::int64_t elements = 10 * std::int64_t{cols} + rows + 64 * (std::int64_t{rows} + cols);
    Status status = fits_blas({elements});
    if (!status.ok()) return status;
    std::vector<double> work(static_cast<std::size_t>(elements));
    out->resize(static_cast<std::size_t>(cols));
    double unused = 0;
    const int info = blas_.gesdd('N', rows, cols, matrix, out->data(), &unused, &unused, work.data(), narrow(elements));
    if (info == 0) return advance(control_, 0);
    return Status::Error(Code::kNoConvergence, "dgesdd did not converge (info " + std::to_string(info) + ").");
  }

  /// Cosines fall as sines rise, so that both belong to angle i; the flat side of either loses half the digits.
  static void combine(const std::vector<double>& cosines, std::vector<double>& sines, std::vector<double>* angles) {
    std::reverse(sines.begin(), sines.end());
    angles->clear();
    for (std::size_t i = 0; i < cosines.size(); ++i) {
      const double cosine = std::min(1.0, cosines[i]), sine = std::min(1.0, sines[i]);
      angles->push_back(cosine * cosine >= 0.5 ? std::asin(sine) : std::acos(cosine));
    }
    std::sort(angles->begin(), angles->end());
  }

  const Blas& blas_;
  Control& control_;
  const Basis& a_;
  const Basis& b_;
  int dim_, ka_, kb_;
};

}  // namespace

Status principal_angles(const Basis& a, const Basis& b, Control& control, std::vector<double>* angles) {
  return guarded("principal_angles", [&]() -> Status {
    angles->clear();
    if (a.dim != b.dim) {
      return Status::Error(Code::kInvalidArgument, "Subspaces of spaces of dimension " + std::to_string(a.dim) +
                                                       " and " + std::to_string(b.dim) + " have no angles.");
    }
    const Blas* library = nullptr;
    Status status = blas(&library);
    const double d = static_cast<double>(a.dim), ka = static_cast<double>(a.count), kb = static_cast<double>(b.count);
    control.done = 0;
    control.total = static_cast<std::uint64_t>(std::max(0.0, d * (ka * ka + kb * kb + 8 * ka * kb + 4 * kb * kb)));
    if (status.ok()) status = check_basis(*library, a, control);
    if (status.ok()) status = check_basis(*library, b, control);
    const bool ordered = a.count >= b.count;
    if (status.ok() && a.count > 0 && b.count > 0) {
      status = Angles(*library, ordered ? a : b, ordered ? b : a, control).run(angles);
    }
    if (!status.ok()) {
      angles->clear();
      return status;
    }
    control.done = control.total.load();
    return status;
  });
}

}  // namespace polarimeter
