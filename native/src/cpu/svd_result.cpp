#include "cpu/svd_result.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "cpu/orthonormal.h"

namespace polarimeter {
namespace {

Basis part(const double* joined, std::int64_t dim, std::int64_t first, std::int64_t count) {
  return {dim, count, std::vector<double>(joined + first * dim, joined + (first + count) * dim)};
}

}  // namespace

Status check_request(const SvdRequest& request) {
  const std::int64_t d = std::min(request.w.rows, request.w.cols);
  if (request.top >= 0 && request.bottom >= 0 && request.top <= d && request.bottom <= d - request.top)
    return Status::Ok();
  return Status::Error(Code::kInvalidArgument, "A matrix of " + std::to_string(request.w.rows) + " x " +
                                                   std::to_string(request.w.cols) + " does not have " +
                                                   std::to_string(request.top) + " leading and " +
                                                   std::to_string(request.bottom) + " trailing singular vectors.");
}

Status unless_changed(const RowReader& reader, Status status) {
  if (status.code == Code::kCancelled || status.code == Code::kInvalidArgument) return status;
  Status changed = reader.check_unchanged();
  return changed.ok() ? status : changed;
}

Status store_bases(const Blas& blas, const JoinedBases& bases, Svd* svd, Control& control) {
  const bool tall = svd->m >= svd->n;
  const double* left = tall ? bases.long_basis : bases.short_basis;
  const double* right = tall ? bases.short_basis : bases.long_basis;
  svd->left_top = part(left, svd->m, 0, bases.top);
  svd->right_top = part(right, svd->n, 0, bases.top);
  svd->left_bottom = part(left, svd->m, bases.top, bases.bottom);
  svd->right_bottom = part(right, svd->n, bases.top, bases.bottom);
  for (const Basis* basis : {&svd->left_top, &svd->right_top, &svd->left_bottom, &svd->right_bottom}) {
    double error = 0;
    Status status = orthogonality_error(blas, *basis, &error, control);
    if (!status.ok()) return status;
    svd->orthogonality = std::max(svd->orthogonality, error);
  }
  return Status::Ok();
}

Status store_values(const RowReader& reader, const std::vector<double>& scaled, double energy, Svd* svd) {
  double trace = 0;
  svd->sigma.resize(scaled.size());
  for (std::size_t i = scaled.size(); i-- > 0;) {
    trace += scaled[i] * scaled[i];
    svd->sigma[i] = std::ldexp(scaled[i], -reader.scale_exponent());
  }
  svd->trace_error = energy > 0 ? std::abs(trace - energy) / energy : 0;
  if (svd->sigma.empty() || std::isfinite(svd->sigma.front())) return Status::Ok();
  return Status::Error(Code::kNotFinite,
                       "The largest singular value of " + reader.view().describe() + " exceeds float64.");
}

}  // namespace polarimeter
