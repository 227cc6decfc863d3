#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "cpu/advance.h"
#include "cpu/blas.h"
#include "cpu/guarded.h"
#include "cpu/long_side.h"
#include "cpu/svd_result.h"
#include "cpu/workspace.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kBlockSize = 64;

/// Elements of workspace for dgesdd: what it demands and room for its blocked steps.
double workspace(double short_side, double long_side, bool vectors) {
  const double least =
      vectors ? 4 * short_side * short_side + 7 * short_side : 3 * short_side + std::max(long_side, 7 * short_side);
  return least + kBlockSize * (short_side + long_side);
}

/// The matrix is read row-major, which LAPACK takes for the transpose: its left vectors are those of the columns of W.
class DirectSvd {
 public:
  DirectSvd(const Blas& blas, const SvdRequest& request, Control& control, Svd& svd)
      : blas_(blas),
        control_(control),
        svd_(svd),
        side_(blas, request.w, request.minus, control),
        m_(request.w.rows),
        n_(request.w.cols),
        d_(side_.short_size()),
        parts_(request),
        k_(parts_.count()) {}

  Status run() { return unless_changed(side_.reader(), compute()); }

 private:
  Status compute() {
    Status status = side_.prepare();
    if (!status.ok()) return status;
    svd_.m = m_;
    svd_.n = n_;
    const double m = static_cast<double>(m_), n = static_cast<double>(n_), k = static_cast<double>(k_);
    control_.done = 0;
    control_.total = static_cast<std::uint64_t>(decomposition_work() + 4 * m * n * k + (m + n) * k * k);
    if (d_ > 0) status = decompose();
    if (status.ok()) status = collect();
    if (status.ok()) control_.done = control_.total.load();
    return status;
  }

  double decomposition_work() const {
    return 4.0 * static_cast<double>(m_) * static_cast<double>(n_) * static_cast<double>(d_);
  }

  Status read() {
    a_ = Workspace::allocate(m_ * n_);
    if (!a_) return no_memory();
    return side_.reader().read({0, m_, 0, n_}, a_.data(), &energy_);
  }

  Status decompose() {
    const bool vectors = k_ > 0;
    const double elements = workspace(static_cast<double>(d_), static_cast<double>(side_.long_size()), vectors);
    Status status = fits_blas({static_cast<std::int64_t>(elements)});
    if (status.ok()) status = read();
    if (!status.ok()) return status;
    Workspace work = Workspace::allocate(static_cast<std::int64_t>(elements));
    right_ = Workspace::allocate(vectors ? n_ * d_ : 1);
    left_ = Workspace::allocate(vectors ? m_ * d_ : 1);
    if (!work || !right_ || !left_) return no_memory();
    scaled_.resize(static_cast<std::size_t>(d_));
    const int info = blas_.gesdd(vectors ? 'S' : 'N', static_cast<int>(n_), static_cast<int>(m_), a_.data(),
                                 scaled_.data(), right_.data(), left_.data(), work.data(), static_cast<int>(elements));
    a_ = Workspace();
    if (info != 0) {
      return Status::Error(Code::kNoConvergence, "dgesdd did not converge (info " + std::to_string(info) + ").");
    }
    status = store_values(side_.reader(), scaled_, energy_, &svd_);
    svd_.sigma_floor = static_cast<double>(d_) * kEpsilon * svd_.sigma.front();
    return status.ok() ? advance(control_, decomposition_work()) : status;
  }

  Status collect() {
    Workspace left = Workspace::allocate(m_ * k_), right = Workspace::allocate(n_ * k_);
    if (!left || !right) return no_memory();
    const std::vector<double> sigma = parts_.of(scaled_);
    std::int64_t i = 0;
    for (const SpectrumPart& part : parts_.descending()) {
      for (std::int64_t from = part.first; from < part.end(); ++from, ++i) {
        std::copy_n(right_.data() + from * n_, n_, right.data() + i * n_);
        for (std::int64_t row = 0; row < m_; ++row) left.data()[i * m_ + row] = left_.data()[row * d_ + from];
      }
    }
    const double* short_basis = side_.tall() ? right.data() : left.data();
    const double* long_basis = side_.tall() ? left.data() : right.data();
    right_ = Workspace();
    left_ = Workspace();
    if (k_ > 0) {
      double largest = 0;
      Status status = side_.residual({static_cast<int>(k_), short_basis, sigma.data(), long_basis}, &largest, control_);
      if (!status.ok()) return status;
      svd_.residual = scaled_.front() > 0 ? largest / scaled_.front() : 0;
    }
    return store_bases(blas_, {short_basis, long_basis, parts_}, &svd_, control_);
  }

  Status no_memory() const {
    return Status::Error(Code::kOutOfMemory, "Out of memory for the singular value decomposition of a matrix of " +
                                                 std::to_string(m_) + " x " + std::to_string(n_) + ".");
  }

  const Blas& blas_;
  Control& control_;
  Svd& svd_;
  LongSide side_;
  std::int64_t m_, n_, d_;
  SpectrumParts parts_;
  std::int64_t k_;
  Workspace a_, left_, right_;
  std::vector<double> scaled_;
  double energy_ = 0;
};

}  // namespace

std::uint64_t svd_direct_f64_bytes(const SvdRequest& request) {
  const std::int64_t short_side = std::max<std::int64_t>(1, std::min(request.w.rows, request.w.cols));
  const std::int64_t long_side = std::max<std::int64_t>(1, std::max(request.w.rows, request.w.cols));
  const double d = static_cast<double>(short_side), l = static_cast<double>(long_side);
  const SpectrumParts parts(request);
  const double k = static_cast<double>(parts.count());
  const double block = static_cast<double>(LongSide::block_elements(short_side, long_side));
  const double most = static_cast<double>(parts.largest());
  const double decomposition = d * l + workspace(d, l, k > 0) + (k > 0 ? (d + l) * d : 2) + 4 * d;
  const double collection = (k > 0 ? (d + l) * d : 0) + (d + l) * k;
  const double check = (d + l) * k + std::max(block / d * k + d * k, (d + l) * k + most * most);
  const double elements = block + std::max({decomposition, collection, check}) + 3 * d;
  return static_cast<std::uint64_t>(std::min(
      1e19,
      8 * elements * (1 + kEpsilon) + static_cast<double>(RowReader::bytes(request.w, request.minus)) + (1 << 20)));
}

Status svd_direct_f64(const SvdRequest& request, Control& control, Svd* svd) {
  return guarded("svd_direct_f64", [&] {
    const auto start = std::chrono::steady_clock::now();
    *svd = {};
    const Blas* library = nullptr;
    Status status = blas(&library);
    if (status.ok()) status = check_request(request);
    if (status.ok()) status = DirectSvd(*library, request, control, *svd).run();
    if (!status.ok()) *svd = {};
    svd->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return status;
  });
}

}  // namespace polarimeter
