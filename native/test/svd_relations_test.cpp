#include <doctest/doctest.h>

#include <cmath>

#include "matrix_file.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using testing::kEps;
using testing::Matrix;
using testing::MatrixFile;

constexpr double kRatio = 30;
constexpr std::int64_t kRows = 96, kCols = 72, kTop = 8;

Svd solve(const MatrixFile& file, std::int64_t top) {
  Control control;
  Svd svd;
  const Status status = svd_gram_f64({file.view(), {}, top, 0}, control, &svd);
  INFO(status.message);
  REQUIRE(status.ok());
  return svd;
}

std::vector<double> angles_between(const Basis& a, const Basis& b) {
  Control control;
  std::vector<double> angles;
  const Status status = principal_angles(a, b, control, &angles);
  INFO(status.message);
  REQUIRE(status.ok());
  return angles;
}

/// A spectrum that falls from 10 to 2 without a small value, so that the Gram route has nearly full accuracy.
std::vector<double> spectrum() {
  std::vector<double> sigma;
  for (std::int64_t i = 0; i < kCols; ++i)
    sigma.push_back(i < kTop ? 10 - 0.5 * static_cast<double>(i) : 4 - 2.0 * static_cast<double>(i) / kCols);
  return sigma;
}

Matrix base() {
  return with_spectrum(testing::orthonormal(kRows, kCols, 1), spectrum(), testing::orthonormal(kCols, kCols, 2));
}

/// What rounding may add to a singular value of base().
constexpr double kNoise = kRatio * kRows * kEps * 10 * 5;

TEST_CASE("Mirsky and Weyl bound the shift of the values, Wedin the rotation of the subspaces") {
  const Matrix w = base();
  const MatrixFile before(w, DType::kF64);
  const Svd old_svd = solve(before, kTop);
  for (const double size : {1e-6, 1e-3, 0.02}) {
    CAPTURE(size);
    Matrix update = testing::gaussian(kRows, kCols, 21);
    for (double& x : update.values) x *= size;
    Matrix tuned = w;
    for (std::size_t i = 0; i < tuned.values.size(); ++i) tuned.values[i] += update.values[i];
    const MatrixFile after(tuned, DType::kF64);
    const Svd new_svd = solve(after, kTop);
    const double spectral = testing::jacobi_values(update).front();
    double shift = 0;
    for (std::size_t i = 0; i < old_svd.sigma.size(); ++i) {
      const double moved = std::abs(new_svd.sigma[i] - old_svd.sigma[i]);
      shift += moved * moved;
      CHECK(moved <= spectral + kNoise);
    }
    CHECK(std::sqrt(shift) <= testing::norm(update.values) + kNoise * std::sqrt(static_cast<double>(kCols)));
    // Wedin with the gap between the old values inside and the new ones outside.
    const double gap = old_svd.sigma[kTop - 1] - new_svd.sigma[kTop];
    REQUIRE(gap > spectral);
    const double bound = spectral / gap + kNoise;
    CHECK(std::sin(angles_between(old_svd.left_top, new_svd.left_top).back()) <= bound);
    CHECK(std::sin(angles_between(old_svd.right_top, new_svd.right_top).back()) <= bound);
  }
}

TEST_CASE("W -> Q W keeps the spectrum and turns the left subspace only") {
  const Matrix w = base(), q = testing::orthonormal(kRows, kRows, 30);
  const MatrixFile before(w, DType::kF64), after(testing::times(q, w), DType::kF64);
  const Svd old_svd = solve(before, kTop), new_svd = solve(after, kTop);
  for (std::size_t i = 0; i < old_svd.sigma.size(); ++i) CHECK(std::abs(new_svd.sigma[i] - old_svd.sigma[i]) <= kNoise);
  // The gap at the cut is 2.5, so that the subspaces are known to a few times the noise.
  CHECK(angles_between(old_svd.right_top, new_svd.right_top).back() <= 4 * kNoise);
  const Basis turned = testing::to_basis(testing::times(q, testing::to_matrix(old_svd.left_top)), 0, kTop);
  CHECK(angles_between(turned, new_svd.left_top).back() <= 4 * kNoise);
  CHECK(angles_between(old_svd.left_top, new_svd.left_top).back() > 0.5);
}

TEST_CASE("W -> c W scales the values and turns nothing") {
  const Matrix w = base();
  const MatrixFile before(w, DType::kF64);
  const Svd old_svd = solve(before, kTop);
  for (const double c : {0.25, -1.7, 3e-9}) {
    Matrix scaled = w;
    for (double& x : scaled.values) x *= c;
    const MatrixFile after(scaled, DType::kF64);
    const Svd new_svd = solve(after, kTop);
    for (std::size_t i = 0; i < old_svd.sigma.size(); ++i) {
      CHECK(std::abs(new_svd.sigma[i] - std::abs(c) * old_svd.sigma[i]) <= std::abs(c) * kNoise);
    }
    CHECK(angles_between(old_svd.left_top, new_svd.left_top).back() <= 4 * kNoise);
    CHECK(angles_between(old_svd.right_top, new_svd.right_top).back() <= 4 * kNoise);
  }
}

TEST_CASE("a rank-1 update orthogonal to the top k leaves it alone as long as it stays below the gap") {
  const Matrix u = testing::orthonormal(kRows, kCols, 1), v = testing::orthonormal(kCols, kCols, 2);
  const Matrix w = with_spectrum(u, spectrum(), v);
  const MatrixFile before(w, DType::kF64);
  const Svd old_svd = solve(before, kTop);
  for (const double size : {1.5, 9.0}) {
    Matrix tuned = w;
    for (std::int64_t i = 0; i < kRows; ++i) {
      for (std::int64_t j = 0; j < kCols; ++j) tuned(i, j) += size * u(i, kTop) * v(j, kTop);
    }
    const MatrixFile after(tuned, DType::kF64);
    const Svd new_svd = solve(after, kTop);
    const double largest = angles_between(old_svd.left_top, new_svd.left_top).back();
    // 4 + 1.5 stays below 6.5, 4 + 9 passes it and pushes the last direction out of the top.
    if (size < 2) {
      CHECK(largest <= 8 * kNoise);
    } else {
      CHECK(std::abs(largest - std::acos(0.0)) <= 8 * kNoise);
    }
  }
}

TEST_CASE("the spectrum of a difference is taken in float64, across dtypes") {
  const Matrix w = testing::gaussian(60, 40, 4);
  Matrix tuned = w;
  const Matrix step = testing::times_transposed(testing::gaussian(60, 3, 5), testing::gaussian(40, 3, 6));
  for (std::size_t i = 0; i < tuned.values.size(); ++i) tuned.values[i] += 1e-3 * step.values[i];
  struct Pair {
    DType tuned, base;
  };
  for (const Pair pair : {Pair{DType::kF64, DType::kF64}, {DType::kF32, DType::kBF16}, {DType::kBF16, DType::kF16}}) {
    const MatrixFile file(tuned, pair.tuned, Access::kRead), reference(w, pair.base);
    const Matrix expected =
        testing::difference(testing::stored_as(tuned, pair.tuned), testing::stored_as(w, pair.base));
    const std::vector<double> sigma = testing::jacobi_values(expected);
    for (const auto route : {svd_gram_f64, svd_direct_f64}) {
      Control control;
      Svd svd;
      REQUIRE(route({file.view(), reference.view(), 3, 0}, control, &svd).ok());
      for (std::size_t i = 0; i < 3; ++i)
        CHECK(std::abs(svd.sigma[i] - sigma[i]) <= kRatio * 60 * kEps * sigma[0] * sigma[0] / sigma[2]);
      CHECK(svd.residual <= kRatio * 60 * kEps * sigma[0] / sigma[2]);
      CHECK(svd.trace_error <= kRatio * 60 * kEps);
    }
  }
}

TEST_CASE("one request gives the same bits every time") {
  const MatrixFile mapped(testing::gaussian(210, 300, 8), DType::kBF16),
      read(testing::gaussian(210, 300, 8), DType::kBF16, Access::kRead);
  for (const auto route : {svd_gram_f64, svd_direct_f64}) {
    Svd first, second, third;
    Control control;
    REQUIRE(route({mapped.view(), {}, 20, 10}, control, &first).ok());
    REQUIRE(route({mapped.view(), {}, 20, 10}, control, &second).ok());
    REQUIRE(route({read.view(), {}, 20, 10}, control, &third).ok());
    for (const Svd* svd : {&second, &third}) {
      CHECK(svd->sigma == first.sigma);
      CHECK(svd->left_top.values == first.left_top.values);
      CHECK(svd->right_top.values == first.right_top.values);
      CHECK(svd->left_bottom.values == first.left_bottom.values);
      CHECK(svd->right_bottom.values == first.right_bottom.values);
      CHECK(svd->residual == first.residual);
    }
  }
}

}  // namespace
}  // namespace polarimeter
