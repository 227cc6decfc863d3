#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "matrix_file.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using testing::kEps;
using testing::Matrix;
using testing::MatrixFile;

// LAPACK's own tests pass ratios of residual to n eps below 30 to 50.
constexpr double kRatio = 30;

using Route = Status (*)(const SvdRequest&, Control&, Svd*);

Svd solve(Route route, const SvdRequest& request) {
  Control control;
  Svd svd;
  const Status status = route(request, control, &svd);
  INFO(status.message);
  REQUIRE(status.ok());
  CHECK(control.done == control.total);
  CHECK(svd.sigma.size() == static_cast<std::size_t>(std::min(request.w.rows, request.w.cols)));
  CHECK(std::is_sorted(svd.sigma.rbegin(), svd.sigma.rend()));
  return svd;
}

double unit(const Svd& svd) { return static_cast<double>(std::max(svd.m, svd.n)) * kEps; }

/// What a value may be off by: d eps s_1 for the direct route, magnified by s_1 / s_i through the Gram matrix, whose
/// square root near zero turns an error of d eps s_1^2 into its root.
double value_error(Route route, const Svd& svd, double sigma) {
  const double first = svd.sigma.front(), scale = kRatio * unit(svd) * first;
  if (route == svd_direct_f64 || sigma == 0)
    return route == svd_direct_f64 ? scale : std::sqrt(kRatio * unit(svd)) * first;
  return std::min(scale * std::max(1.0, first / sigma), std::sqrt(kRatio * unit(svd)) * first);
}

void check_values(Route route, const Svd& svd, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(svd.sigma[i] - expected[i]) <= value_error(route, svd, expected[i]));
  }
}

/// |W - U S V^T|_F from all triplets.
double reconstruction_error(const Matrix& w, const Svd& svd) {
  const Matrix rebuilt =
      testing::with_spectrum(testing::to_matrix(svd.left_top), svd.sigma, testing::to_matrix(svd.right_top));
  return testing::norm(testing::difference(rebuilt, w).values);
}

TEST_CASE("every shape and dtype: values, residual, orthogonality, trace, reconstruction") {
  struct Shape {
    std::int64_t rows, cols;
  };
  for (const Shape shape : {Shape{1, 1}, {1, 7}, {7, 1}, {2, 2}, {31, 33}, {64, 64}, {130, 70}, {70, 130}, {33, 400}}) {
    for (const DType dtype : {DType::kF64, DType::kF32, DType::kF16, DType::kBF16}) {
      for (const Access access : {Access::kMap, Access::kRead}) {
        CAPTURE(shape.rows);
        CAPTURE(shape.cols);
        CAPTURE(static_cast<int>(dtype));
        const Matrix w = testing::stored_as(testing::gaussian(shape.rows, shape.cols, 11), dtype);
        const MatrixFile file(w, dtype, access);
        const std::vector<double> expected = testing::jacobi_values(w);
        const std::int64_t d = std::min(shape.rows, shape.cols);
        for (const Route route : {svd_gram_f64, svd_direct_f64}) {
          const Svd svd = solve(route, {file.view(), {}, d, 0});
          check_values(route, svd, expected);
          // Through the Gram matrix u_i of a small s_i is known to eps s_1 / s_i.
          const double condition = route == svd_direct_f64 ? 1 : expected.front() / expected.back();
          CHECK(svd.residual <= kRatio * unit(svd) * condition);
          CHECK(svd.orthogonality <= kRatio * unit(svd));
          CHECK(svd.trace_error <= kRatio * unit(svd));
          CHECK(reconstruction_error(w, svd) <= kRatio * unit(svd) * condition * testing::norm(w.values));
        }
      }
    }
  }
}

TEST_CASE("leading and trailing triplets are those of the full decomposition") {
  const Matrix w = testing::gaussian(90, 140, 3);
  const MatrixFile file(w, DType::kF64);
  for (const Route route : {svd_gram_f64, svd_direct_f64}) {
    const Svd all = solve(route, {file.view(), {}, 90, 0});
    const Svd ends = solve(route, {file.view(), {}, 8, 5});
    const Svd none = solve(route, {file.view(), {}, 0, 0});
    check_values(route, none, ends.sigma);
    // Without vectors dgesdd iterates differently; the Gram route does not.
    if (route == svd_gram_f64) CHECK(ends.sigma == none.sigma);
    CHECK(none.residual == 0);
    CHECK(ends.left_top.dim == 90);
    CHECK(ends.right_bottom.dim == 140);
    CHECK(ends.right_bottom.count == 5);
    for (std::int64_t i = 0; i < 13; ++i) {
      const std::int64_t column = i < 8 ? i : 85 + (i - 8);
      const Basis& basis = i < 8 ? ends.left_top : ends.left_bottom;
      double dot = 0;
      for (std::int64_t r = 0; r < 90; ++r) {
        dot += basis.values[static_cast<std::size_t>((i < 8 ? i : i - 8) * 90 + r)] *
               all.left_top.values[static_cast<std::size_t>(column * 90 + r)];
      }
      // 1 - cos is the square of an angle that is itself below 1e-8 for these gaps.
      CHECK(std::abs(std::abs(dot) - 1) <= 1e-14);
    }
  }
}

TEST_CASE("planted spectrum with a flat bulk and gaps of 1e-4: values and the subspace at the cut") {
  constexpr std::int64_t kRows = 180, kCols = 140, kSpikes = 12;
  std::vector<double> sigma;
  for (std::int64_t i = 0; i < kCols; ++i) {
    const double x = static_cast<double>(i);
    sigma.push_back(i < kSpikes ? 10 - x / 2 : 1.5 * (1 - 1e-4 * (x - kSpikes)));
  }
  const Matrix u = testing::orthonormal(kRows, kCols, 1), v = testing::orthonormal(kCols, kCols, 2);
  const MatrixFile file(testing::with_spectrum(u, sigma, v), DType::kF64);
  for (const Route route : {svd_gram_f64, svd_direct_f64}) {
    for (const std::int64_t k : {std::int64_t{kSpikes}, std::int64_t{40}}) {
      const Svd svd = solve(route, {file.view(), {}, k, 0});
      check_values(route, svd, sigma);
      // Wedin: the subspace moves by at most the backward error over the gap. Both routes have one of d eps s_1^2 in
      // the square.
      const double gap = sigma[static_cast<std::size_t>(k - 1)] - sigma[static_cast<std::size_t>(k)];
      const double allowed =
          kRatio * unit(svd) * svd.sigma[0] * svd.sigma[0] / (gap * sigma[static_cast<std::size_t>(k)]);
      std::vector<double> angles;
      Control control;
      REQUIRE(principal_angles(svd.right_top, testing::to_basis(v, 0, k), control, &angles).ok());
      CHECK(angles.back() <= allowed);
      REQUIRE(principal_angles(svd.left_top, testing::to_basis(u, 0, k), control, &angles).ok());
      CHECK(angles.back() <= allowed);
    }
  }
}

TEST_CASE("a graded spectrum: the Gram route loses what lies below its floor, the direct route keeps it") {
  constexpr std::int64_t kSize = 61;
  std::vector<double> sigma;
  for (std::int64_t i = 0; i < kSize; ++i) sigma.push_back(std::pow(10, -12.0 * static_cast<double>(i) / (kSize - 1)));
  const Matrix w =
      testing::with_spectrum(testing::orthonormal(kSize, kSize, 7), sigma, testing::orthonormal(kSize, kSize, 8));
  const MatrixFile file(w, DType::kF64);
  const Svd gram = solve(svd_gram_f64, {file.view(), {}, 0, 0});
  const Svd direct = solve(svd_direct_f64, {file.view(), {}, kSize, 0});
  check_values(svd_gram_f64, gram, sigma);
  check_values(svd_direct_f64, direct, sigma);
  CHECK(direct.residual <= kRatio * unit(direct));
  CHECK(gram.sigma_floor == doctest::Approx(std::sqrt(kSize * kEps) * gram.sigma[0]));
  CHECK(direct.sigma_floor == doctest::Approx(kSize * kEps * direct.sigma[0]));
  // 1e-12 is far below the floor of 1.2e-7 of one route and above the floor of 1.4e-14 of the other.
  CHECK(std::abs(direct.sigma.back() / sigma.back() - 1) < 0.1);
  CHECK(gram.sigma.back() < gram.sigma_floor);
  // Where the Gram route claims accuracy, both agree.
  for (std::size_t i = 0; i < sigma.size() && sigma[i] > gram.sigma_floor; ++i) {
    CHECK(std::abs(gram.sigma[i] - direct.sigma[i]) <= value_error(svd_gram_f64, gram, sigma[i]));
  }
}

TEST_CASE("a rank-deficient matrix: zeros below the floor, orthonormal vectors, leading triplets exact") {
  for (const std::int64_t cols : {std::int64_t{80}, std::int64_t{50}}) {
    const Matrix w = testing::times_transposed(testing::gaussian(80, 9, 1), testing::gaussian(cols, 9, 2));
    const MatrixFile file(w, DType::kF64);
    for (const Route route : {svd_gram_f64, svd_direct_f64}) {
      const Svd leading = solve(route, {file.view(), {}, 9, 0});
      CHECK(leading.residual <= kRatio * unit(leading));
      for (std::size_t i = 9; i < leading.sigma.size(); ++i) CHECK(leading.sigma[i] <= leading.sigma_floor);
      const Svd beyond = solve(route, {file.view(), {}, 20, 12});
      CHECK(beyond.orthogonality <= kRatio * unit(beyond));
      // Long-side vectors of a zero value are a completion in the Gram route; the direct route knows them.
      if (route == svd_direct_f64) CHECK(beyond.residual <= kRatio * unit(beyond));
    }
  }
}

TEST_CASE("matrices of several blocks, tall and wide") {
  // A block holds 4 Mi elements; these have two, the second one short.
  const Matrix w = testing::gaussian(70000, 64, 12);
  for (const bool tall : {true, false}) {
    const MatrixFile file(tall ? w : testing::transposed(w), DType::kBF16);
    const Svd gram = solve(svd_gram_f64, {file.view(), {}, 5, 3});
    const Svd direct = solve(svd_direct_f64, {file.view(), {}, 5, 3});
    check_values(svd_gram_f64, gram, direct.sigma);
    for (const Svd* svd : {&gram, &direct}) {
      CHECK(svd->residual <= kRatio * std::sqrt(70000.0) * kEps);
      CHECK(svd->orthogonality <= kRatio * std::sqrt(70000.0) * kEps);
      CHECK(svd->trace_error <= kRatio * std::sqrt(70000.0) * kEps);
    }
  }
}

TEST_CASE("a cluster wider than a group of eigenvectors is not cut") {
  // 200 equal values above 20 others; the cut falls into the cluster.
  std::vector<double> sigma(220, 1.0);
  for (std::size_t i = 200; i < 220; ++i) sigma[i] = 0.5 + 0.001 * static_cast<double>(220 - i);
  const Matrix w = testing::with_spectrum(testing::orthonormal(220, 220, 1), sigma, testing::orthonormal(220, 220, 2));
  const MatrixFile file(w, DType::kF64);
  for (const std::int64_t top : {std::int64_t{150}, std::int64_t{220}}) {
    const Svd svd = solve(svd_gram_f64, {file.view(), {}, top, 0});
    check_values(svd_gram_f64, svd, sigma);
    CHECK(svd.residual <= kRatio * unit(svd));
    CHECK(svd.orthogonality <= kRatio * unit(svd));
  }
}

TEST_CASE("zero, identity and empty matrices") {
  const MatrixFile zero(Matrix(20, 30), DType::kBF16);
  Matrix one(40, 40);
  for (std::int64_t i = 0; i < 40; ++i) one(i, i) = 1;
  const MatrixFile identity(one, DType::kF32);
  for (const Route route : {svd_gram_f64, svd_direct_f64}) {
    const Svd nothing = solve(route, {zero.view(), {}, 4, 3});
    CHECK(nothing.sigma == std::vector<double>(20, 0.0));
    CHECK(nothing.residual == 0);
    CHECK(nothing.trace_error == 0);
    CHECK(nothing.orthogonality <= 1e-14);
    const Svd ones = solve(route, {identity.view(), {}, 3, 4});
    for (const double s : ones.sigma) CHECK(std::abs(s - 1) <= 4 * kEps);
    CHECK(ones.residual <= kRatio * unit(ones));
    CHECK(ones.orthogonality <= kRatio * unit(ones));
    for (const Matrix& shape : {Matrix(0, 5), Matrix(5, 0), Matrix(0, 0)}) {
      const MatrixFile empty(shape, DType::kBF16);
      const Svd svd = solve(route, {empty.view(), {}, 0, 0});
      CHECK(svd.sigma.empty());
      CHECK(svd.m == shape.rows);
      CHECK(svd.n == shape.cols);
    }
  }
}

TEST_CASE("magnitudes whose squares leave float64 are scaled") {
  for (const double size : {1e-200, 1e200, 1e-300, 1e300, 5e-324 * 1e12}) {
    CAPTURE(size);
    Matrix w = testing::gaussian(30, 20, 9);
    const std::vector<double> expected = testing::jacobi_values(w);
    for (double& x : w.values) x *= size;
    const MatrixFile file(w, DType::kF64);
    for (const Route route : {svd_gram_f64, svd_direct_f64}) {
      const Svd svd = solve(route, {file.view(), {}, 4, 2});
      // Subnormal elements carry a rounding of 2^-1074 each.
      const double stored = 600 * std::pow(2.0, -1074 + 500) / (size * std::pow(2.0, 500));
      const double condition = expected.front() / expected.back();
      CHECK(std::abs(svd.sigma[0] / size / expected[0] - 1) <= kRatio * unit(svd) + stored);
      CHECK(std::abs(svd.sigma[19] / size / expected[19] - 1) <= condition * (kRatio * unit(svd) * condition + stored));
      CHECK(svd.residual <= kRatio * unit(svd) * condition);
    }
  }
  // The largest bfloat16 in every element: the squares still fit.
  Matrix large(50, 60);
  for (double& x : large.values) x = 3.38e38;
  const MatrixFile file(large, DType::kBF16);
  const Svd svd = solve(svd_gram_f64, {file.view(), {}, 1, 0});
  const double element = testing::stored_as(large, DType::kBF16).values[0];
  CHECK(std::abs(svd.sigma[0] / (element * std::sqrt(3000.0)) - 1) <= kRatio * unit(svd));
}

}  // namespace
}  // namespace polarimeter
