#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "cpu/advance.h"
#include "cpu/blas.h"
#include "cpu/guarded.h"
#include "cpu/multiply.h"
#include "cpu/orthonormal.h"
#include "cpu/row_reader.h"
#include "cpu/svd_result.h"
#include "cpu/workspace.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

// 16 MiB of the update in float64.
constexpr std::int64_t kBlockElements = std::int64_t{1} << 21;
constexpr std::int64_t kFewestRows = 16;

int narrow(std::int64_t size) { return static_cast<int>(size); }

double sum_of_squares(const double* x, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += x[i] * x[i];
  return sum;
}

class FrameSums {
 public:
  FrameSums(const Blas& blas, const TensorView& reference, const TensorView& variant, Control& control)
      : blas_(blas),
        control_(control),
        reader_(variant, reference, control),
        m_(variant.rows),
        n_(variant.cols),
        rows_(std::max<std::int64_t>(
            1, std::min(m_, std::max(kFewestRows, kBlockElements / std::max<std::int64_t>(1, n_))))) {}

  Status run(const Basis& u, const Basis& v, FrameEnergy* energy) {
    return unless_changed(reader_, compute(u, v, energy));
  }

 private:
  Status compute(const Basis& u, const Basis& v, FrameEnergy* energy) {
    Status status = reader_.validate();
    if (status.ok()) status = fits_blas({m_, n_});
    if (status.ok()) status = allocate(u.count);
    if (status.ok()) status = reader_.choose_scale(rows_, block_.data());
    for (std::int64_t row = 0; status.ok() && row < m_; row += rows_) {
      status = add_rows({row, std::min(rows_, m_ - row), 0, n_}, u, v);
    }
    return status.ok() ? collect(narrow(u.count), energy) : status;
  }

  Status allocate(std::int64_t k) {
    block_ = Workspace::allocate(rows_ * n_);
    right_ = Workspace::allocate(rows_ * k);
    left_ = Workspace::allocate(n_ * k);
    core_ = Workspace::allocate(k * k);
    if (!block_ || !right_ || !left_ || !core_) {
      return Status::Error(Code::kOutOfMemory, "Out of memory for the energy of an update in a frame of " +
                                                   std::to_string(k) + " vectors.");
    }
    std::fill_n(left_.data(), n_ * k, 0.0);
    std::fill_n(core_.data(), k * k, 0.0);
    return Status::Ok();
  }

  /// The block holds rows of dW, which is dW^T column-major, n x rows.
  Status add_rows(const Block& rows, const Basis& u, const Basis& v) {
    const int count = narrow(rows.rows), n = narrow(n_), m = narrow(m_), k = narrow(u.count);
    const double* u_rows = u.values.data() + rows.row;
    Status status = reader_.read(rows, block_.data(), &total_);
    if (!status.ok()) return status;
    status = multiply(blas_, {'T', 'N', count, k, n, 1, block_.data(), n, v.values.data(), n, 0, right_.data(), count},
                      control_);
    if (!status.ok()) return status;
    right_squares_ += sum_of_squares(right_.data(), rows.rows * u.count);
    status = multiply(blas_, {'N', 'N', n, k, count, 1, block_.data(), n, u_rows, m, 1, left_.data(), n}, control_);
    if (!status.ok()) return status;
    return multiply(blas_, {'T', 'N', k, k, count, 1, u_rows, m, right_.data(), count, 1, core_.data(), k}, control_);
  }

  Status collect(int k, FrameEnergy* energy) const {
    const auto stored = [&](double squares) { return std::ldexp(squares, -2 * reader_.scale_exponent()); };
    double diagonal = 0;
    for (std::int64_t i = 0; i < k; ++i) {
      const double value = core_.data()[i * k + i];
      diagonal += value * value;
      energy->diagonal_values.push_back(std::ldexp(value, -reader_.scale_exponent()));
    }
    energy->total = stored(total_);
    energy->two_sided = stored(sum_of_squares(core_.data(), std::int64_t{k} * k));
    energy->diagonal = stored(diagonal);
    energy->left = stored(sum_of_squares(left_.data(), n_ * k));
    energy->right = stored(right_squares_);
    if (std::isfinite(energy->total)) return Status::Ok();
    return Status::Error(Code::kNotFinite,
                         "The squared norm of the update of " + reader_.view().describe() + " exceeds float64.");
  }

  const Blas& blas_;
  Control& control_;
  RowReader reader_;
  std::int64_t m_, n_, rows_;
  Workspace block_, right_, left_, core_;
  double total_ = 0, right_squares_ = 0;
};

Status check_frame(const TensorView& w, const Basis& u, const Basis& v) {
  if (u.dim == w.rows && v.dim == w.cols && u.count == v.count) return Status::Ok();
  return Status::Error(Code::kInvalidArgument, "A frame of " + std::to_string(u.count) + " and " +
                                                   std::to_string(v.count) + " vectors of length " +
                                                   std::to_string(u.dim) + " and " + std::to_string(v.dim) +
                                                   " does not fit a matrix of " + std::to_string(w.rows) + " x " +
                                                   std::to_string(w.cols) + ".");
}

}  // namespace

Status frame_energy(const TensorView& reference, const TensorView& variant, const Basis& u, const Basis& v,
                    Control& control, FrameEnergy* energy) {
  return guarded("frame_energy", [&] {
    *energy = {};
    const double m = static_cast<double>(variant.rows), n = static_cast<double>(variant.cols);
    const double k = static_cast<double>(u.count);
    control.done = 0;
    control.total = static_cast<std::uint64_t>(std::max(0.0, 4 * m * n * k + 2 * m * k * k + (m + n) * k * k));
    const Blas* library = nullptr;
    Status status = blas(&library);
    if (status.ok()) status = reference.validate();
    if (status.ok()) status = check_frame(variant, u, v);
    if (status.ok()) status = check_basis(*library, u, control);
    if (status.ok()) status = check_basis(*library, v, control);
    if (status.ok()) status = FrameSums(*library, reference, variant, control).run(u, v, energy);
    if (!status.ok()) {
      *energy = {};
      return status;
    }
    control.done = control.total.load();
    return status;
  });
}

}  // namespace polarimeter
