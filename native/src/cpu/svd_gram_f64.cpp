#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "cpu/blas.h"
#include "cpu/guarded.h"
#include "cpu/long_side.h"
#include "cpu/orthonormal.h"
#include "cpu/svd_result.h"
#include "cpu/tridiagonal.h"
#include "cpu/workspace.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// Leading dimension of the Gram matrix: columns start on cache lines but never a power of two apart, which would make
/// the column sweeps of the reduction fight for the same lines of cache.
std::int64_t leading_dimension(std::int64_t d) { return (d + 7) / 8 * 8 + 8; }

Status no_memory(std::int64_t d) {
  return Status::Error(Code::kOutOfMemory, "Out of memory for the singular values of a matrix whose short side is " +
                                               std::to_string(d) + ".");
}

void reverse_columns(double* z, std::int64_t rows, std::int64_t count) {
  for (std::int64_t i = 0; i < count / 2; ++i) {
    std::swap_ranges(z + i * rows, z + (i + 1) * rows, z + (count - 1 - i) * rows);
  }
}

class GramSvd {
 public:
  GramSvd(const Blas& blas, const SvdRequest& request, Control& control, Svd& svd)
      : blas_(blas),
        control_(control),
        svd_(svd),
        side_(blas, request.w, request.minus, control),
        d_(side_.short_size()),
        l_(side_.long_size()),
        parts_(request),
        k_(parts_.count()) {}

  Status run() { return unless_changed(side_.reader(), compute()); }

 private:
  using Step = Status (GramSvd::*)();

  Status compute() {
    Status status = side_.prepare();
    if (!status.ok()) return status;
    svd_.m = side_.reader().view().rows;
    svd_.n = side_.reader().view().cols;
    plan_work();
    if (d_ > 0) {
      for (const Step step : {&GramSvd::reduce, &GramSvd::find_values}) {
        status = (this->*step)();
        if (!status.ok()) return status;
      }
    }
    for (const Step step : {&GramSvd::find_short_basis, &GramSvd::find_long_basis, &GramSvd::measure}) {
      if (k_ == 0) break;
      status = (this->*step)();
      if (!status.ok()) return status;
    }
    status = store_bases(blas_, {short_.data(), long_.data(), parts_}, &svd_, control_);
    if (status.ok()) control_.done = control_.total.load();
    return status;
  }

  void plan_work() {
    const double d = static_cast<double>(d_), l = static_cast<double>(l_), k = static_cast<double>(k_);
    const double values = l * d * d + 4.0 / 3 * d * d * d;
    const double vectors = 2 * d * d * k + 6 * l * d * k + 4 * (l + d) * k * k + (l + d) * k * k;
    control_.done = 0;
    control_.total = static_cast<std::uint64_t>(values + vectors);
  }

  /// G = W^T W or W W^T, whichever is smaller, then tridiagonal.
  Status reduce() {
    const std::int64_t ld = leading_dimension(d_);
    Status status = fits_blas({ld});
    if (!status.ok()) return status;
    g_ = Workspace::allocate(ld * d_);
    if (!g_) return no_memory(d_);
    std::fill_n(g_.data(), ld * d_, 0.0);
    status = side_.gram(g_.data(), static_cast<int>(ld), &energy_, control_);
    if (!status.ok()) return status;
    return tridiagonalise(blas_, {g_.data(), static_cast<int>(ld), static_cast<int>(d_)}, &reduced_, control_);
  }

  Status find_values() {
    Status status = tridiagonal_values(&reduced_.t, control_);
    if (!status.ok()) return status;
    // A Gram matrix has no negative eigenvalue; what rounding made of a zero is put back to zero.
    for (auto value = reduced_.t.values.rbegin(); value != reduced_.t.values.rend(); ++value) {
      scaled_.push_back(std::sqrt(std::max(0.0, *value)));
    }
    status = store_values(side_.reader(), scaled_, energy_, &svd_);
    svd_.sigma_floor = std::sqrt(static_cast<double>(d_) * kEpsilon) * svd_.sigma.front();
    return status;
  }

  Status find_short_basis() {
    short_ = Workspace::allocate(d_ * k_);
    if (!short_) return no_memory(d_);
    int groups = 0;
    double* z = short_.data();
    SpectrumPart joined;
    // Parts that touch are found together: two ranges of neighbours could find one direction twice.
    for (const SpectrumPart& part : parts_.descending()) {
      if (part.count == 0) continue;
      if (part.first == joined.end()) {
        joined.count += part.count;
        continue;
      }
      Status status = vectors(joined, &z, &groups);
      if (!status.ok()) return status;
      joined = part;
    }
    Status status = vectors(joined, &z, &groups);
    if (!status.ok()) return status;
    const Columns columns{short_.data(), static_cast<int>(d_), static_cast<int>(k_)};
    status = back_transform(blas_, reduced_, columns, control_);
    g_ = Workspace();
    if (!status.ok() || groups < 2) return status;
    return orthonormalise(blas_, static_cast<int>(d_), columns, nullptr, control_);
  }

  /// The eigenvectors of a part, in descending order; `z` moves behind them.
  Status vectors(const SpectrumPart& part, double** z, int* groups) {
    VectorRange range{static_cast<int>(d_ - part.end()), static_cast<int>(part.count), *z};
    Status status = tridiagonal_vectors(blas_, reduced_.t, &range, control_);
    reverse_columns(*z, d_, part.count);
    *z += part.count * d_;
    *groups += range.groups;
    return status;
  }

  /// A v_i / s_i for the other side. The QR factorisation divides by the norms, which are the s_i, and restores the
  /// orthogonality that the quotient loses as s_i falls.
  Status find_long_basis() {
    const int k = static_cast<int>(k_);
    long_ = Workspace::allocate(l_ * k);
    if (!long_) return no_memory(d_);
    Status status = side_.apply(short_.data(), k, long_.data(), control_);
    if (!status.ok()) return status;
    return orthonormalise(blas_, static_cast<int>(l_), {long_.data(), static_cast<int>(l_), k}, nullptr, control_);
  }

  Status measure() {
    const std::vector<double> sigma = parts_.of(scaled_);
    double largest = 0;
    Status status =
        side_.residual({static_cast<int>(k_), short_.data(), sigma.data(), long_.data()}, &largest, control_);
    svd_.residual = scaled_.front() > 0 ? largest / scaled_.front() : 0;
    return status;
  }

  const Blas& blas_;
  Control& control_;
  Svd& svd_;
  LongSide side_;
  std::int64_t d_, l_;
  SpectrumParts parts_;
  std::int64_t k_;
  Workspace g_, short_, long_;
  Reduced reduced_;
  std::vector<double> scaled_;
  double energy_ = 0;
};

}  // namespace

std::uint64_t svd_gram_f64_bytes(const SvdRequest& request) {
  const std::int64_t short_side = std::max<std::int64_t>(1, std::min(request.w.rows, request.w.cols));
  const std::int64_t long_side = std::max<std::int64_t>(1, std::max(request.w.rows, request.w.cols));
  const double d = static_cast<double>(short_side), l = static_cast<double>(long_side);
  const SpectrumParts parts(request);
  const double k = static_cast<double>(parts.count());
  const double block = static_cast<double>(LongSide::block_elements(short_side, long_side));
  const double most = static_cast<double>(parts.largest());
  // Reduction: G, 32 columns beside it, the tridiagonal matrix and dstemr's arrays. Reflectors: their triangular
  // factors.
  const double reflectors = kPanel * (4096 + kPanel) + 3 * k + 64 * kPanel;
  const double reduction = static_cast<double>(leading_dimension(short_side)) * d + (32 + 40) * d + d * k + reflectors;
  const double residual = (d + l) * k + reflectors + std::max(0.0, block / d * k + d * k);
  const double results = 2 * (d + l) * k + most * most;
  const double bytes = 8 * (block + std::max({reduction, residual, results}) + 4 * d) +
                       static_cast<double>(RowReader::bytes(request.w, request.minus));
  return static_cast<std::uint64_t>(std::min(1e19, bytes * (1 + kEpsilon) + (1 << 20)));
}

Status svd_gram_f64(const SvdRequest& request, Control& control, Svd* svd) {
  return guarded("svd_gram_f64", [&] {
    const auto start = std::chrono::steady_clock::now();
    *svd = {};
    const Blas* library = nullptr;
    Status status = blas(&library);
    if (status.ok()) status = check_request(request);
    if (status.ok()) status = GramSvd(*library, request, control, *svd).run();
    if (!status.ok()) *svd = {};
    svd->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return status;
  });
}

}  // namespace polarimeter
