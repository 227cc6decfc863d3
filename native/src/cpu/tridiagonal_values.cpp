#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "cpu/advance.h"
#include "cpu/tridiagonal.h"

namespace polarimeter {
namespace {

constexpr double kUnitRoundoff = std::numeric_limits<double>::epsilon() / 2;
constexpr int kSweepsPerValue = 30;

/// Works on the diagonal d and the squares q of the off-diagonal, which is why no square root is needed within a sweep.
class RootFreeQl {
 public:
  RootFreeQl(std::vector<double>& d, std::vector<double>& q) : d_(d), q_(q) {}

  Status run(Control& control) {
    const std::size_t n = d_.size();
    sweeps_left_ = kSweepsPerValue * n;
    for (std::size_t first = 0; first < n;) {
      std::size_t last = end_of_block(first, n - 1);
      const std::size_t next = last + 1;
      // The iteration peels values off at `first`; it converges best with the small end of a graded matrix there.
      if (std::abs(d_[last]) < std::abs(d_[first])) reverse(first, last);
      Status status = solve(first, last, control);
      if (!status.ok()) return status;
      first = next;
    }
    return Status::Ok();
  }

 private:
  bool negligible(std::size_t i) const { return q_[i] <= kUnitRoundoff * kUnitRoundoff * std::abs(d_[i] * d_[i + 1]); }

  std::size_t end_of_block(std::size_t first, std::size_t last) const {
    std::size_t i = first;
    while (i < last && !negligible(i)) ++i;
    return i;
  }

  void reverse(std::size_t first, std::size_t last) {
    const auto d = d_.begin(), q = q_.begin();
    const auto from = static_cast<std::ptrdiff_t>(first), to = static_cast<std::ptrdiff_t>(last);
    std::reverse(d + from, d + to + 1);
    std::reverse(q + from, q + to);
  }

  Status solve(std::size_t first, std::size_t last, Control& control) {
    while (first < last) {
      const std::size_t end = end_of_block(first, last);
      if (end < last) q_[end] = 0;
      if (end == first) {
        first += 1;
      } else if (end == first + 1) {
        solve_pair(first);
        first += 2;
      } else {
        if (sweeps_left_-- == 0) {
          return Status::Error(Code::kNoConvergence, "The QL iteration for eigenvalues did not converge.");
        }
        sweep(first, end);
        Status status = advance(control, 0);
        if (!status.ok()) return status;
      }
    }
    return Status::Ok();
  }

  /// The values of the 2 x 2 block at i; the smaller from the determinant, since a difference would cancel.
  void solve_pair(std::size_t i) {
    const double a = d_[i], c = d_[i + 1], sum = a + c, root = std::hypot(a - c, 2 * std::sqrt(q_[i]));
    const double large = (sum < 0 ? sum - root : sum + root) / 2;
    const double outer = std::abs(a) > std::abs(c) ? a : c, inner = std::abs(a) > std::abs(c) ? c : a;
    d_[i] = large;
    d_[i + 1] = large == 0 ? 0 : outer / large * inner - q_[i] / large;
    q_[i] = 0;
  }

  /// One QL sweep over the block, with the eigenvalue of the leading 2 x 2 nearer to its corner as the shift.
  void sweep(std::size_t first, std::size_t last) {
    const double off = std::sqrt(q_[first]);
    const double half = (d_[first + 1] - d_[first]) / (2 * off);
    const double shift = d_[first] - off / (half + std::copysign(std::hypot(half, 1), half));
    double cosine = 1, sine = 0;
    double gamma = d_[last] - shift, product = gamma * gamma;
    for (std::size_t i = last; i-- > first;) {
      const double square = q_[i], length = product + square;
      if (i + 1 != last) q_[i + 1] = sine * length;
      const double old_cosine = cosine, old_gamma = gamma;
      cosine = product / length;
      sine = square / length;
      gamma = cosine * (d_[i] - shift) - sine * old_gamma;
      d_[i + 1] = old_gamma + (d_[i] - gamma);
      product = cosine != 0 ? gamma * gamma / cosine : old_cosine * square;
    }
    q_[first] = sine * product;
    d_[first] = shift + gamma;
  }

  std::vector<double>& d_;
  std::vector<double>& q_;
  std::size_t sweeps_left_ = 0;
};

}  // namespace

Status tridiagonal_values(Tridiagonal* t, Control& control) {
  std::vector<double>& values = t->values;
  values = t->diagonal;
  std::vector<double> squares = t->off;
  double largest = 0;
  for (const double x : values) largest = std::max(largest, std::abs(x));
  for (const double x : squares) largest = std::max(largest, std::abs(x));
  int exponent = 0;
  std::frexp(largest, &exponent);
  // The squares must neither overflow nor vanish.
  for (double& x : values) x = std::ldexp(x, -exponent);
  for (double& x : squares) {
    x = std::ldexp(x, -exponent);
    x *= x;
  }
  Status status = RootFreeQl(values, squares).run(control);
  if (!status.ok()) return status;
  std::sort(values.begin(), values.end());
  for (double& x : values) x = std::ldexp(x, exponent);
  return Status::Ok();
}

}  // namespace polarimeter
