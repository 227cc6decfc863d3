#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "cpu/dense_steps.h"
#include "cpu/guarded.h"
#include "polarimeter/dense.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
/// Least multiple of eps that counts as the error of the direct method.
constexpr double kLeastError = 64;

/// The ranges in ascending order, those that touch joined. fails kInvalidArgument
Status join(const std::vector<TripletRange>& ranges, std::int64_t d, std::vector<TripletRange>* joined) {
  std::vector<TripletRange> sorted;
  for (const TripletRange& range : ranges) {
    if (range.from < 0 || range.to < range.from || range.to > d) {
      return Status::Error(Code::kInvalidArgument, "There are no singular triplets from " + std::to_string(range.from) +
                                                       " to " + std::to_string(range.to) + " of " + std::to_string(d) +
                                                       ".");
    }
    if (range.to > range.from) sorted.push_back(range);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  for (const TripletRange& range : sorted) {
    if (!joined->empty() && range.from <= joined->back().to) {
      joined->back().to = std::max(joined->back().to, range.to);
    } else {
      joined->push_back(range);
    }
  }
  return Status::Ok();
}

/// What a request of leading, trailing and middle triplets can say of joined ranges: where there are more, the middle
/// covers all that lie between.
SvdRequest covering(const std::vector<TripletRange>& joined, std::int64_t d) {
  SvdRequest request;
  std::vector<TripletRange> rest = joined;
  if (!rest.empty() && rest.front().from == 0) {
    request.top = rest.front().to;
    rest.erase(rest.begin());
  }
  if (!rest.empty() && rest.back().to == d) {
    request.bottom = d - rest.back().from;
    rest.pop_back();
  }
  if (!rest.empty()) {
    request.middle_first = rest.front().from;
    request.middle = rest.back().to - rest.front().from;
  }
  return request;
}

/// Columns of one basis and the triplets that they belong to.
struct PartColumns {
  Basis& basis;
  std::int64_t first;
};

/// Copies the wanted columns of the parts of a decomposition side by side, row-major, and frees the parts.
Status gather(const std::vector<TripletRange>& joined, const std::vector<PartColumns>& parts, std::int64_t dim,
              Control& control, DenseMatrix::Shared* out) {
  std::int64_t count = 0;
  for (const TripletRange& range : joined) count += range.to - range.from;
  // Column-major (dim, count) is row-major (count, dim).
  DenseMatrix::Shared lines, made;
  if (Status status = DenseMatrix::make(count, dim, &lines); !status.ok()) return status;
  double* to = lines->data();
  for (const PartColumns& part : parts) {
    for (const TripletRange& range : joined) {
      const std::int64_t from = std::max(range.from, part.first);
      const std::int64_t end = std::min(range.to, part.first + part.basis.count);
      if (from >= end) continue;
      to = std::copy_n(part.basis.values.data() + (from - part.first) * dim, (end - from) * dim, to);
    }
    part.basis = {};
  }
  if (Status status = DenseMatrix::make(dim, count, &made); !status.ok()) return status;
  Status status = transpose(lines->data(), count, dim, made->data(), control);
  if (status.ok()) *out = std::move(made);
  return status;
}

Status decompose(const SvdRequest& request, Control& control, Svd* svd, std::string* method) {
  const std::int64_t d = std::min(request.w.rows, request.w.cols);
  const std::int64_t count = request.top + request.middle + request.bottom;
  const double tolerance = std::max(kLeastError, static_cast<double>(d)) * kEpsilon;
  // Vectors of small values, which the Gram matrix does not know, are wanted where most are, and are there where the
  // matrix is nearly square.
  const bool small_values = 2 * count > d && 5 * d > 4 * std::max(request.w.rows, request.w.cols);
  if (!small_values) {
    *method = "svd_gram_f64";
    Status status = svd_gram_f64(request, control, svd);
    if (!status.ok() || svd->residual <= tolerance) return status;
  }
  *method = "svd_direct_f64";
  *svd = {};
  return svd_direct_f64(request, control, svd);
}

}  // namespace

std::uint64_t dense_svd_bytes(std::int64_t rows, std::int64_t cols, std::int64_t triplets) {
  const std::int64_t d = std::max<std::int64_t>(0, std::min(rows, cols));
  SvdRequest request;
  request.w.rows = rows;
  request.w.cols = cols;
  request.top = std::clamp<std::int64_t>(triplets, 0, d);
  // The bases as the method returns them, and two copies of one while it is turned.
  const double gathered =
      8.0 * 3 * (static_cast<double>(rows) + static_cast<double>(cols)) * static_cast<double>(request.top);
  return std::max({svd_gram_f64_bytes(request), svd_direct_f64_bytes(request),
                   static_cast<std::uint64_t>(std::min(gathered, 1e19))});
}

Status dense_svd(const std::shared_ptr<const DenseMatrix>& a, const std::vector<TripletRange>& ranges, Control& control,
                 DenseSvd* out) {
  return guarded("dense_svd", [&] {
    *out = {};
    const std::int64_t d = std::min(a->rows(), a->cols());
    std::vector<TripletRange> joined;
    if (Status status = join(ranges, d, &joined); !status.ok()) return status;
    SvdRequest request = covering(joined, d);
    request.w = dense_view(a);
    Svd svd;
    if (Status status = decompose(request, control, &svd, &out->method); !status.ok()) return status;
    const std::int64_t middle = request.middle_first.value_or(0), bottom = d - request.bottom;
    Status status = gather(joined, {{svd.left_top, 0}, {svd.left_middle, middle}, {svd.left_bottom, bottom}}, a->rows(),
                           control, &out->left);
    if (!status.ok()) return status;
    status = gather(joined, {{svd.right_top, 0}, {svd.right_middle, middle}, {svd.right_bottom, bottom}}, a->cols(),
                    control, &out->right);
    if (!status.ok()) return status;
    for (const TripletRange& range : joined) {
      out->sigma.insert(out->sigma.end(), svd.sigma.begin() + range.from, svd.sigma.begin() + range.to);
    }
    out->residual = svd.residual;
    out->all = std::move(svd.sigma);
    return status;
  });
}

}  // namespace polarimeter
