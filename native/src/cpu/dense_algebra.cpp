#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "cpu/blas.h"
#include "cpu/dense_steps.h"
#include "cpu/guarded.h"
#include "cpu/multiply.h"
#include "polarimeter/dense.h"

namespace polarimeter {
namespace {

constexpr std::size_t kLanes = 16;
// The inner size that BLAS works through at a time anyway; see multiply.cpp.
constexpr std::int64_t kInner = 384;

/// Sums of products in an order that is fixed by the number of elements.
class Lanes {
 public:
  void add(const double* a, const double* b, std::int64_t count) {
    std::int64_t i = 0;
    for (; i + static_cast<std::int64_t>(kLanes) <= count; i += static_cast<std::int64_t>(kLanes)) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const auto at = i + static_cast<std::int64_t>(lane);
        sums_[lane] += a[at] * b[at];
      }
    }
    for (; i < count; ++i) sums_[0] += a[i] * b[i];
  }

  double sum() const {
    double total = 0;
    for (const double lane : sums_) total += lane;
    return total;
  }

 private:
  std::array<double, kLanes> sums_{};
};

double largest_magnitude(const double* values, std::int64_t count) {
  double largest = 0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(values[i]));
  return largest;
}

/// The norm where squares leave float64. No element is NaN.
Status scaled_norm(const DenseMatrix& a, Control& control, double* norm) {
  double largest = 0;
  Status status = in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
    largest = std::max(largest, largest_magnitude(a.data() + first, count));
    return Status::Ok();
  });
  *norm = largest;
  if (!status.ok() || largest == 0 || !std::isfinite(largest)) return status;
  int exponent = 0;
  std::frexp(largest, &exponent);
  // Two factors: 2^1074 itself is no float64.
  const double half = std::ldexp(1.0, -exponent / 2), rest = std::ldexp(1.0, -exponent + exponent / 2);
  Lanes lanes;
  std::array<double, 1024> scaled;
  status = in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
    for (std::int64_t done = 0; done < count; done += static_cast<std::int64_t>(scaled.size())) {
      const std::int64_t length = std::min(count - done, static_cast<std::int64_t>(scaled.size()));
      for (std::int64_t i = 0; i < length; ++i) {
        scaled[static_cast<std::size_t>(i)] = a.data()[first + done + i] * half * rest;
      }
      lanes.add(scaled.data(), scaled.data(), length);
    }
    return Status::Ok();
  });
  *norm = std::ldexp(std::sqrt(lanes.sum()), exponent);
  return status;
}

/// Row-major memory is the transpose in column-major: C^T = op(B)^T op(A)^T.
Status multiply_into(const Blas& blas, const DenseProduct& p, Control& control, DenseMatrix& c) {
  const std::int64_t inner = p.transposed_a ? p.a.rows() : p.a.cols();
  const std::int64_t slices = (inner + kInner - 1) / kInner, slice = (inner + slices - 1) / slices;
  control.done = 0;
  control.total = static_cast<std::uint64_t>(2.0 * static_cast<double>(c.elements()) * static_cast<double>(inner));
  for (std::int64_t from = 0; from < inner; from += slice) {
    const double* b = p.b.data() + (p.transposed_b ? from : from * p.b.cols());
    const double* a = p.a.data() + (p.transposed_a ? from * p.a.cols() : from);
    const Product part{.trans_a = p.transposed_b ? 'T' : 'N',
                       .trans_b = p.transposed_a ? 'T' : 'N',
                       .m = static_cast<int>(c.cols()),
                       .n = static_cast<int>(c.rows()),
                       .k = static_cast<int>(std::min(slice, inner - from)),
                       .a = b,
                       .lda = static_cast<int>(p.b.cols()),
                       .b = a,
                       .ldb = static_cast<int>(p.a.cols()),
                       .beta = from == 0 ? 0.0 : 1.0,
                       .c = c.data(),
                       .ldc = static_cast<int>(c.cols())};
    if (Status status = multiply(blas, part, control); !status.ok()) return status;
  }
  return Status::Ok();
}

Status scale_rows(DenseMatrix& a, const std::vector<double>& factors, Control& control) {
  const std::int64_t cols = a.cols();
  return in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
    std::int64_t col = first % cols;
    for (std::int64_t i = first; i < first + count; ++i) {
      a.data()[i] *= factors[static_cast<std::size_t>(col)];
      col = col + 1 == cols ? 0 : col + 1;
    }
    return Status::Ok();
  });
}

}  // namespace

Status transpose(const double* from, std::int64_t rows, std::int64_t cols, double* to, Control& control) {
  constexpr std::int64_t kTile = 32;
  for (std::int64_t row = 0; row < rows; row += kTile) {
    if (control.cancelled) return Status::Error(Code::kCancelled, "Cancelled.");
    const std::int64_t last_row = std::min(rows, row + kTile);
    for (std::int64_t col = 0; col < cols; col += kTile) {
      const std::int64_t last_col = std::min(cols, col + kTile);
      for (std::int64_t j = col; j < last_col; ++j) {
        for (std::int64_t i = row; i < last_row; ++i) to[j * rows + i] = from[i * cols + j];
      }
    }
  }
  return Status::Ok();
}

Status dense_multiply(const DenseProduct& p, Control& control, DenseMatrix::Shared* out) {
  return guarded("dense_multiply", [&] {
    const auto [rows, inner_a] = p.transposed_a ? std::pair(p.a.cols(), p.a.rows()) : std::pair(p.a.rows(), p.a.cols());
    const auto [inner_b, cols] = p.transposed_b ? std::pair(p.b.cols(), p.b.rows()) : std::pair(p.b.rows(), p.b.cols());
    if (inner_a != inner_b) {
      return Status::Error(Code::kInvalidArgument, "Cannot multiply a matrix of " + std::to_string(rows) + " x " +
                                                       std::to_string(inner_a) + " by one of " +
                                                       std::to_string(inner_b) + " x " + std::to_string(cols) + ".");
    }
    if (Status status = fits_blas({rows, cols, inner_a}); !status.ok()) return status;
    const Blas* library = nullptr;
    if (Status status = blas(&library); !status.ok()) return status;
    DenseMatrix::Shared made;
    if (rows == 0 || cols == 0 || inner_a == 0) return dense_zeros(rows, cols, control, out);
    if (Status status = DenseMatrix::make(rows, cols, &made); !status.ok()) return status;
    Status status = multiply_into(*library, p, control, *made);
    if (status.ok()) *out = std::move(made);
    return status;
  });
}

Status dense_add(DenseMatrix& a, double factor, const DenseMatrix& b, Control& control) {
  return guarded("dense_add", [&] {
    if (Status status = same_shape("dense_add", a, b); !status.ok()) return status;
    return in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
      double* const to = a.data() + first;
      const double* const from = b.data() + first;
      for (std::int64_t i = 0; i < count; ++i) to[i] += factor * from[i];
      return Status::Ok();
    });
  });
}

Status dense_scale(DenseMatrix& a, const std::vector<double>& factors, Control& control) {
  return guarded("dense_scale", [&] {
    const auto given = static_cast<std::int64_t>(factors.size());
    if (given != 1 && given != a.cols()) {
      return Status::Error(Code::kInvalidArgument,
                           std::to_string(given) + " factors for the columns of a matrix of " + shape_of(a) + ".");
    }
    if (given != 1) return scale_rows(a, factors, control);
    return in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
      std::for_each_n(a.data() + first, count, [&](double& x) { x *= factors.front(); });
      return Status::Ok();
    });
  });
}

Status dense_norm(const DenseMatrix& a, Control& control, double* norm) {
  return guarded("dense_norm", [&] {
    Lanes lanes;
    Status status = in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
      lanes.add(a.data() + first, a.data() + first, count);
      return Status::Ok();
    });
    const double sum = lanes.sum();
    *norm = std::sqrt(sum);
    // Within these bounds no square that matters has overflowed or lost digits.
    constexpr double kLeast = 0x1p-900, kMost = 0x1p+1000;
    if (!status.ok() || std::isnan(sum) || (sum >= kLeast && sum <= kMost)) return status;
    return scaled_norm(a, control, norm);
  });
}

Status dense_dot(const DenseMatrix& a, const DenseMatrix& b, Control& control, double* dot) {
  return guarded("dense_dot", [&] {
    if (Status status = same_shape("dense_dot", a, b); !status.ok()) return status;
    Lanes lanes;
    Status status = in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
      lanes.add(a.data() + first, b.data() + first, count);
      return Status::Ok();
    });
    *dot = lanes.sum();
    return status;
  });
}

}  // namespace polarimeter
