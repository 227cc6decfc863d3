#include "cpu/orthonormal.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "cpu/advance.h"
#include "cpu/multiply.h"
#include "cpu/workspace.h"

namespace polarimeter {
namespace {

// Bases are computed to n eps; anything this far off was never one.
constexpr double kOrthonormal = 1e-8;

double* column(const Columns& c, int j) { return c.data + static_cast<std::ptrdiff_t>(j) * c.ld; }

Status factor(const Blas& blas, int m, const Columns& a, std::vector<double>& tau, Control& control) {
  std::vector<double> work;
  for (int j = 0; j < a.count; j += kPanel) {
    const int width = std::min(kPanel, a.count - j);
    const Reflectors panel{m - j, width, column(a, j) + j, a.ld, tau.data() + j};
    blas.geqrf(m - j, width, panel.panel, a.ld, tau.data() + j, work);
    Status status = apply_reflectors(blas, 'T', panel, {column(a, j + width) + j, a.ld, a.count - j - width}, control);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

/// Turns the reflectors into the first a.count columns of their product, from the last panel to the first.
Status expand(const Blas& blas, int m, const Columns& a, const std::vector<double>& tau, Control& control) {
  std::vector<double> work;
  for (int j = (a.count - 1) / kPanel * kPanel; a.count > 0 && j >= 0; j -= kPanel) {
    const int width = std::min(kPanel, a.count - j);
    const Reflectors panel{m - j, width, column(a, j) + j, a.ld, tau.data() + j};
    Status status = apply_reflectors(blas, 'N', panel, {column(a, j + width) + j, a.ld, a.count - j - width}, control);
    if (!status.ok()) return status;
    blas.orgqr(m - j, width, width, panel.panel, a.ld, panel.tau, work);
    for (int c = j; c < j + width; ++c) std::fill_n(column(a, c), j, 0.0);
  }
  return Status::Ok();
}

}  // namespace

Status orthonormalise(const Blas& blas, int m, const Columns& a, double* r, Control& control) {
  const int k = a.count;
  std::vector<double> tau(static_cast<std::size_t>(k)), sign(static_cast<std::size_t>(k));
  Status status = factor(blas, m, a, tau, control);
  if (!status.ok()) return status;
  for (int j = 0; j < k; ++j) sign[static_cast<std::size_t>(j)] = column(a, j)[j] < 0 ? -1 : 1;
  for (int j = 0; r && j < k; ++j) {
    double* to = r + static_cast<std::ptrdiff_t>(j) * k;
    for (int i = 0; i < k; ++i) to[i] = i <= j ? sign[static_cast<std::size_t>(i)] * column(a, j)[i] : 0;
  }
  status = expand(blas, m, a, tau, control);
  if (!status.ok()) return status;
  for (int j = 0; j < k; ++j) {
    if (sign[static_cast<std::size_t>(j)] < 0) std::for_each_n(column(a, j), m, [](double& x) { x = -x; });
  }
  return Status::Ok();
}

Status orthogonality_error(const Blas& blas, const Basis& basis, double* error, Control& control) {
  const int k = static_cast<int>(basis.count), dim = static_cast<int>(basis.dim);
  *error = 0;
  if (k == 0) return Status::Ok();
  Workspace gram = Workspace::allocate(basis.count * basis.count);
  if (!gram) return Status::Error(Code::kOutOfMemory, "Out of memory for the check of a basis.");
  std::fill_n(gram.data(), basis.count * basis.count, 0.0);
  Status status = add_gram(
      blas, {.trans_a = 'T', .n = k, .k = dim, .a = basis.values.data(), .lda = dim, .c = gram.data(), .ldc = k},
      control);
  if (!status.ok()) return status;
  for (int j = 0; j < k; ++j) {
    for (int i = j; i < k; ++i) {
      const double difference = std::abs(gram.data()[i + static_cast<std::ptrdiff_t>(j) * k] - (i == j ? 1 : 0));
      *error = std::isnan(difference) ? HUGE_VAL : std::max(*error, difference);
    }
  }
  return Status::Ok();
}

Status check_basis(const Blas& blas, const Basis& basis, Control& control) {
  const bool shaped =
      basis.dim >= 0 && basis.count >= 0 && basis.count <= basis.dim &&
      basis.values.size() == static_cast<std::size_t>(basis.dim) * static_cast<std::size_t>(basis.count);
  const std::string shape = std::to_string(basis.count) + " vectors of length " + std::to_string(basis.dim);
  if (!shaped) {
    return Status::Error(Code::kInvalidArgument, "A basis of " + shape +
                                                     " cannot be orthonormal, or does not have the " +
                                                     std::to_string(basis.values.size()) + " values that it holds.");
  }
  Status status = fits_blas({basis.dim});
  if (!status.ok()) return status;
  double error = 0;
  status = orthogonality_error(blas, basis, &error, control);
  if (!status.ok() || error <= kOrthonormal) return status;
  return Status::Error(Code::kInvalidArgument,
                       "A basis of " + shape + " is not orthonormal: it is off by " + std::to_string(error) + ".");
}

}  // namespace polarimeter
