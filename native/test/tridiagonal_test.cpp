#include "cpu/tridiagonal.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "cpu/orthonormal.h"
#include "planted_matrix.h"

namespace polarimeter {
namespace {

using testing::kEps;
using testing::Matrix;

constexpr double kRatio = 30;

const Blas& library() {
  const Blas* found = nullptr;
  REQUIRE(blas(&found).ok());
  return *found;
}

double norm_of(const Tridiagonal& t) {
  double largest = 0;
  for (std::size_t i = 0; i < t.diagonal.size(); ++i)
    largest = std::max(largest, std::abs(t.diagonal[i]) + 2 * std::abs(t.off[i]));
  return largest;
}

/// The second-difference matrix, whose eigenvalues are 4 sin^2(i pi / (2 n + 2)).
Tridiagonal second_difference(int n) {
  Tridiagonal t{std::vector<double>(static_cast<std::size_t>(n), 2.0),
                std::vector<double>(static_cast<std::size_t>(n), -1.0),
                {}};
  t.off.back() = 0;
  return t;
}

TEST_CASE("eigenvalues of the second-difference matrix, at any scale") {
  for (const int n : {1, 2, 3, 50, 700}) {
    for (const double scale : {1.0, 1e-250, 1e250}) {
      Tridiagonal t = second_difference(n);
      for (double& x : t.diagonal) x *= scale;
      for (double& x : t.off) x *= scale;
      Control control;
      REQUIRE(tridiagonal_values(&t, control).ok());
      for (int i = 0; i < n; ++i) {
        const double expected = 4 * std::pow(std::sin((i + 1) * std::acos(-1.0) / (2 * n + 2)), 2);
        CHECK(std::abs(t.values[static_cast<std::size_t>(i)] / scale - expected) <= kRatio * kEps * 4);
      }
    }
  }
}

TEST_CASE("eigenvalues that are zero, equal, graded either way, or of either sign") {
  const auto values_of = [](std::vector<double> diagonal, std::vector<double> off) {
    Tridiagonal t{std::move(diagonal), std::move(off), {}};
    Control control;
    REQUIRE(tridiagonal_values(&t, control).ok());
    return t.values;
  };
  CHECK(values_of({0, 0, 0}, {0, 0, 0}) == std::vector<double>{0, 0, 0});
  CHECK(values_of({3, 1, 2}, {0, 0, 0}) == std::vector<double>{1, 2, 3});
  // [[0, 1], [1, 0]] and [[1, 2], [2, 1]].
  CHECK(values_of({0, 0}, {1, 0}) == std::vector<double>{-1, 1});
  CHECK(values_of({1, 1}, {2, 0}) == std::vector<double>{-1, 3});
  // Graded: the determinant of [[1, g], [g, 2 g^2]] is g^2, so that the small value is g^2 to relative accuracy.
  for (const double g : {1e-5, 1e-9}) {
    CHECK(std::abs(values_of({1, 2 * g * g}, {g, 0}).front() / (g * g) - 1) <= 3 * g * g + 4 * kEps);
    CHECK(std::abs(values_of({2 * g * g, 1}, {g, 0}).front() / (g * g) - 1) <= 3 * g * g + 4 * kEps);
  }
}

TEST_CASE("reduction, values, vectors in groups and back: the eigenvectors of a planted matrix") {
  // 300 vectors in one range make at least two groups of 128.
  constexpr int kSize = 330, kCount = 300, kLd = 344;
  std::vector<double> planted;
  for (int i = 0; i < kSize; ++i) planted.push_back(1 + 0.01 * i + (i % 7 == 0 ? 1e-9 : 0));
  const Matrix q = testing::orthonormal(kSize, kSize, 4);
  const Matrix symmetric = testing::with_spectrum(q, planted, q);
  std::vector<double> g(static_cast<std::size_t>(kSize) * kLd);
  for (int j = 0; j < kSize; ++j) {
    for (int i = j; i < kSize; ++i) g[static_cast<std::size_t>(j * kLd + i)] = symmetric(i, j);
  }
  Control control;
  Reduced reduced;
  REQUIRE(tridiagonalise(library(), {g.data(), kLd, kSize}, &reduced, control).ok());
  REQUIRE(tridiagonal_values(&reduced.t, control).ok());
  const double norm = norm_of(reduced.t), allowed = kRatio * kSize * kEps * norm;
  for (int i = 0; i < kSize; ++i)
    CHECK(std::abs(reduced.t.values[static_cast<std::size_t>(i)] - planted[static_cast<std::size_t>(i)]) <= allowed);
  std::vector<double> z(static_cast<std::size_t>(kSize) * kCount);
  VectorRange range{10, kCount, z.data()};
  REQUIRE(tridiagonal_vectors(library(), reduced.t, &range, control).ok());
  CHECK(range.groups >= 2);
  REQUIRE(back_transform(library(), reduced, {z.data(), kSize, kCount}, control).ok());
  REQUIRE(orthonormalise(library(), kSize, {z.data(), kSize, kCount}, nullptr, control).ok());
  double orthogonality = 0;
  REQUIRE(orthogonality_error(library(), {kSize, kCount, z}, &orthogonality, control).ok());
  CHECK(orthogonality <= kRatio * kSize * kEps);
  for (int v = 0; v < kCount; ++v) {
    const double* x = z.data() + static_cast<std::ptrdiff_t>(v) * kSize;
    double residual = 0;
    for (int i = 0; i < kSize; ++i) {
      double row = -planted[static_cast<std::size_t>(v + 10)] * x[i];
      for (int j = 0; j < kSize; ++j) row += symmetric(i, j) * x[j];
      residual += row * row;
    }
    CHECK(std::sqrt(residual) <= allowed);
  }
}

TEST_CASE("orthonormalise keeps directions, returns the triangle, and completes what is missing") {
  constexpr int kRows = 90, kColumns = 70;
  Matrix a = testing::gaussian(kRows, kColumns, 6);
  for (int i = 0; i < kRows; ++i) a(i, 40) = a(i, 3);
  Basis q = testing::to_basis(a, 0, kColumns);
  std::vector<double> r(static_cast<std::size_t>(kColumns * kColumns));
  Control control;
  REQUIRE(orthonormalise(library(), kRows, {q.values.data(), kRows, kColumns}, r.data(), control).ok());
  double error = 0;
  REQUIRE(orthogonality_error(library(), q, &error, control).ok());
  CHECK(error <= kRatio * kRows * kEps);
  Matrix triangle(kColumns, kColumns);
  for (int j = 0; j < kColumns; ++j) {
    CHECK(r[static_cast<std::size_t>(j * kColumns + j)] >= 0);
    for (int i = 0; i <= j; ++i) triangle(i, j) = r[static_cast<std::size_t>(j * kColumns + i)];
  }
  const Matrix product = testing::times(testing::to_matrix(q), triangle);
  CHECK(testing::norm(testing::difference(product, a).values) <= kRatio * kRows * kEps * testing::norm(a.values));
  CHECK(std::abs(triangle(40, 40)) <= kRatio * kRows * kEps * testing::norm(a.values));
}

}  // namespace
}  // namespace polarimeter
