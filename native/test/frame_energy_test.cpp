#include <doctest/doctest.h>

#include <cmath>

#include "matrix_file.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using testing::kEps;
using testing::Matrix;
using testing::MatrixFile;

double square(const Matrix& a) { return std::pow(testing::norm(a.values), 2); }

FrameEnergy energy_of(const MatrixFile& reference, const MatrixFile& variant, const Basis& u, const Basis& v) {
  Control control;
  FrameEnergy energy;
  const Status status = frame_energy(reference.view(), variant.view(), u, v, control, &energy);
  INFO(status.message);
  REQUIRE(status.ok());
  CHECK(control.done == control.total);
  return energy;
}

/// Relative, of sums of squares of up to two million terms, whose rounding grows as the root of their number.
bool close(double found, double expected) { return std::abs(found - expected) <= 1500 * kEps * expected; }

TEST_CASE("all five energies agree with products formed directly, over dtypes and shapes") {
  struct Case {
    std::int64_t rows, cols, k;
    DType before, after;
    Access access;
  };
  for (const Case c : {Case{50, 30, 6, DType::kF64, DType::kF64, Access::kMap},
                       {30, 90, 30, DType::kBF16, DType::kBF16, Access::kRead},
                       {70, 20, 1, DType::kBF16, DType::kF32, Access::kMap},
                       {9, 9, 0, DType::kF16, DType::kF64, Access::kMap},
                       {40000, 60, 2, DType::kBF16, DType::kBF16, Access::kMap}}) {
    const Matrix base = testing::stored_as(testing::gaussian(c.rows, c.cols, 1), c.before);
    const Matrix tuned = testing::stored_as(testing::gaussian(c.rows, c.cols, 2), c.after);
    const MatrixFile before(base, c.before, c.access), after(tuned, c.after, c.access);
    const Matrix u = testing::orthonormal(c.rows, c.k, 3), v = testing::orthonormal(c.cols, c.k, 4);
    const FrameEnergy energy = energy_of(before, after, testing::to_basis(u, 0, c.k), testing::to_basis(v, 0, c.k));
    const Matrix update = testing::difference(tuned, base), right = testing::times(update, v);
    const Matrix left = testing::times(testing::transposed(u), update), core = testing::times(left, v);
    double diagonal = 0;
    for (std::int64_t i = 0; i < c.k; ++i) diagonal += core(i, i) * core(i, i);
    CHECK(close(energy.total, square(update)));
    CHECK(close(energy.left, square(left)));
    CHECK(close(energy.right, square(right)));
    CHECK(close(energy.two_sided, square(core)));
    CHECK(close(energy.diagonal, diagonal));
    REQUIRE(energy.diagonal_values.size() == static_cast<std::size_t>(c.k));
    for (std::int64_t i = 0; i < c.k; ++i) {
      const double error = std::abs(energy.diagonal_values[static_cast<std::size_t>(i)] - core(i, i));
      CHECK(error <= 1500 * kEps * testing::norm(update.values));
    }
  }
}

TEST_CASE("in a frame of all directions the diagonal finds the factors of rescaled singular values") {
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>{90, 60}, {40, 40}, {30, 70}}) {
    const std::int64_t d = std::min(rows, cols);
    const Matrix u = testing::orthonormal(rows, d, 1), v = testing::orthonormal(cols, d, 2);
    std::vector<double> sigma, factors, scaled;
    for (std::int64_t i = 0; i < d; ++i) {
      sigma.push_back(10 - 9 * static_cast<double>(i) / static_cast<double>(d));
      // Small enough that the order of the singular values stays.
      factors.push_back(1 + 1e-3 * std::sin(static_cast<double>(i)));
      scaled.push_back(sigma.back() * factors.back());
    }
    const MatrixFile before(with_spectrum(u, sigma, v), DType::kF64), after(with_spectrum(u, scaled, v), DType::kF64);
    for (const auto route : {svd_gram_f64, svd_direct_f64}) {
      Control control;
      Svd svd;
      REQUIRE(route({before.view(), {}, d, 0}, control, &svd).ok());
      REQUIRE(svd.left_top.count == d);
      // The values are known to d eps s_1^2 / s_d, the vectors to that over the gap of 9 / d: an error of the second
      // order in the diagonal, which the update's size of 1e-3 makes smaller still.
      const double tolerance = 30 * static_cast<double>(d) * kEps * 100;
      const FrameEnergy energy = energy_of(before, after, svd.left_top, svd.right_top);
      REQUIRE(energy.diagonal_values.size() == static_cast<std::size_t>(d));
      for (std::size_t i = 0; i < factors.size(); ++i) {
        CHECK(std::abs(1 + energy.diagonal_values[i] / svd.sigma[i] - factors[i]) <= tolerance);
      }
      CHECK(close(energy.two_sided, energy.total));
    }
  }
}

TEST_CASE("an update inside the frame is all two-sided, one along the axes all diagonal") {
  const Matrix u = testing::orthonormal(60, 60, 1), v = testing::orthonormal(40, 40, 2),
               base = testing::gaussian(60, 40, 3);
  const Basis left = testing::to_basis(u, 0, 5), right = testing::to_basis(v, 0, 5);
  const MatrixFile before(Matrix(60, 40), DType::kF64);
  std::vector<double> axes(40);
  for (std::size_t i = 0; i < 5; ++i) axes[i] = 1 + static_cast<double>(i);
  Matrix head(60, 40);
  for (std::int64_t i = 0; i < 60; ++i) {
    for (std::int64_t j = 0; j < 40; ++j) head(i, j) = u(i, j);
  }
  const FrameEnergy along = energy_of(before, MatrixFile(with_spectrum(head, axes, v), DType::kF64), left, right);
  CHECK(close(along.total, 55));
  CHECK(close(along.diagonal, 55));
  CHECK(close(along.two_sided, 55));
  // A step of direction u_0 v_7: in the left frame, outside the right one.
  Matrix step(60, 40);
  for (std::int64_t i = 0; i < 60; ++i) {
    for (std::int64_t j = 0; j < 40; ++j) step(i, j) = 2 * u(i, 0) * v(j, 7);
  }
  const FrameEnergy across = energy_of(before, MatrixFile(step, DType::kF64), left, right);
  CHECK(close(across.left, 4));
  CHECK(across.right <= 1e-28);
  CHECK(across.two_sided <= 1e-28);
}

TEST_CASE("an unchanged matrix has no energy, and large magnitudes do not overflow on the way") {
  const Matrix w = testing::gaussian(20, 20, 1);
  const MatrixFile file(w, DType::kF64);
  const Basis u = testing::to_basis(testing::orthonormal(20, 3, 2), 0, 3);
  CHECK(energy_of(file, file, u, u).total == 0);
  Matrix tiny = w;
  for (double& x : tiny.values) x = std::ldexp(x, -480);
  const FrameEnergy energy = energy_of(MatrixFile(Matrix(20, 20), DType::kF64), MatrixFile(tiny, DType::kF64), u, u);
  CHECK(close(std::ldexp(energy.total, 960), square(w)));
  REQUIRE(energy.diagonal_values.size() == 3);
  const FrameEnergy plain = energy_of(MatrixFile(Matrix(20, 20), DType::kF64), file, u, u);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(std::abs(std::ldexp(energy.diagonal_values[i], 480) - plain.diagonal_values[i]) <=
          1500 * kEps * testing::norm(w.values));
  }
}

TEST_CASE("every way to fail") {
  const MatrixFile file(testing::gaussian(20, 10, 1), DType::kF32);
  const Basis u = testing::to_basis(testing::orthonormal(20, 3, 2), 0, 3),
              v = testing::to_basis(testing::orthonormal(10, 3, 3), 0, 3);
  FrameEnergy energy;
  Control control;
  const auto code = [&](const TensorView& a, const TensorView& b, const Basis& x, const Basis& y) {
    return frame_energy(a, b, x, y, control, &energy).code;
  };
  CHECK(code(file.view(), file.view(), v, u) == Code::kInvalidArgument);
  CHECK(code({}, file.view(), u, v) == Code::kInvalidArgument);
  CHECK(code(file.view(), {}, u, v) == Code::kInvalidArgument);
  const MatrixFile other(testing::gaussian(10, 20, 1), DType::kF32);
  CHECK(code(other.view(), file.view(), u, v) == Code::kInvalidArgument);
  Matrix poisoned = testing::gaussian(20, 10, 1);
  poisoned(3, 4) = std::nan("");
  CHECK(code(file.view(), MatrixFile(poisoned, DType::kF32).view(), u, v) == Code::kNotFinite);
  TensorView longer = file.view();
  longer.offset = 1000;
  CHECK(code(longer, file.view(), u, v) == Code::kFileTooShort);
  Matrix huge(20, 10);
  for (double& x : huge.values) x = 1e200;
  CHECK(code(file.view(), MatrixFile(huge, DType::kF64).view(), u, v) == Code::kNotFinite);
  control.cancelled = true;
  CHECK(code(file.view(), file.view(), u, v) == Code::kCancelled);
  CHECK(energy.total == 0);
}

}  // namespace
}  // namespace polarimeter
