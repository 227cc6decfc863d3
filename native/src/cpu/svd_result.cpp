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

std::int64_t short_side(const SvdRequest& request) { return std::min(request.w.rows, request.w.cols); }

bool parts_fit(const SvdRequest& request) {
  const std::int64_t d = short_side(request);
  if (request.top < 0 || request.bottom < 0 || request.middle < 0) return false;
  if (request.top > d || request.bottom > d - request.top || request.middle > d) return false;
  if (request.middle_first.value_or(0) < 0 || request.middle_first.value_or(0) > d) return false;
  const SpectrumParts parts(request);
  return request.middle == 0 || (parts.top.end() <= parts.middle.first && parts.middle.end() <= parts.bottom.first);
}

}  // namespace

Status check_request(const SvdRequest& request) {
  if (parts_fit(request)) return Status::Ok();
  const std::string middle = request.middle == 0 ? "" : std::to_string(request.middle) + " middle and ";
  return Status::Error(Code::kInvalidArgument, "A matrix of " + std::to_string(request.w.rows) + " x " +
                                                   std::to_string(request.w.cols) + " does not have " +
                                                   std::to_string(request.top) + " leading" +
                                                   (middle.empty() ? " and " : ", " + middle) +
                                                   std::to_string(request.bottom) + " trailing singular vectors.");
}

SpectrumParts::SpectrumParts(const SvdRequest& request)
    : top{0, request.top},
      middle{request.middle_first.value_or((short_side(request) - request.middle) / 2), request.middle},
      bottom{short_side(request) - request.bottom, request.bottom} {}

std::int64_t SpectrumParts::largest() const { return std::max({top.count, middle.count, bottom.count}); }

std::vector<double> SpectrumParts::of(const std::vector<double>& all) const {
  std::vector<double> chosen;
  for (const SpectrumPart& wanted : descending()) {
    if (wanted.count == 0) continue;
    chosen.insert(chosen.end(), all.begin() + wanted.first, all.begin() + wanted.end());
  }
  return chosen;
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
  Basis* const lefts[] = {&svd->left_top, &svd->left_middle, &svd->left_bottom};
  Basis* const rights[] = {&svd->right_top, &svd->right_middle, &svd->right_bottom};
  std::int64_t first = 0;
  std::size_t position = 0;
  for (const SpectrumPart& stored : bases.parts.descending()) {
    *lefts[position] = part(left, svd->m, first, stored.count);
    *rights[position] = part(right, svd->n, first, stored.count);
    for (const Basis* basis : {lefts[position], rights[position]}) {
      double error = 0;
      Status status = orthogonality_error(blas, *basis, &error, control);
      if (!status.ok()) return status;
      svd->orthogonality = std::max(svd->orthogonality, error);
    }
    first += stored.count;
    ++position;
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
