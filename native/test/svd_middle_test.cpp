#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "matrix_file.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using testing::kEps;
using testing::Matrix;
using testing::MatrixFile;

constexpr auto kRoutes = {svd_gram_f64, svd_direct_f64};
constexpr double kRatio = 30;

Svd solve(decltype(&svd_gram_f64) route, const SvdRequest& request) {
  Control control;
  Svd svd;
  const Status status = route(request, control, &svd);
  INFO(status.message);
  REQUIRE(status.ok());
  CHECK(control.done == control.total);
  return svd;
}

std::vector<double> falling(std::int64_t d) {
  std::vector<double> sigma;
  for (std::int64_t i = 0; i < d; ++i) sigma.push_back(10 - 8 * static_cast<double>(i) / static_cast<double>(d));
  return sigma;
}

/// Column `column` of a planted basis, against a found vector that may have the other sign.
double distance(const Basis& found, std::int64_t at, const Matrix& planted, std::int64_t column) {
  double dot = 0;
  double square = 0;
  const double* const x = found.values.data() + at * found.dim;
  for (std::int64_t i = 0; i < found.dim; ++i) dot += x[i] * planted(i, column);
  for (std::int64_t i = 0; i < found.dim; ++i) square += std::pow(x[i] - std::copysign(1, dot) * planted(i, column), 2);
  return std::sqrt(square);
}

TEST_CASE("the middle holds the planted directions around the middle of the spectrum") {
  struct Case {
    std::int64_t rows, cols, top, bottom, middle;
  };
  for (const Case c : {Case{80, 50, 5, 4, 10},
                       {50, 80, 5, 4, 11},
                       {61, 61, 0, 0, 7},
                       {61, 61, 27, 27, 7},  // touches both neighbours
                       {60, 60, 26, 3, 7},   // touches the top
                       {40, 30, 0, 0, 30},
                       {40, 31, 15, 15, 1},
                       {300, 200, 70, 60, 60}}) {
    CAPTURE(c.rows);
    CAPTURE(c.middle);
    const std::int64_t d = std::min(c.rows, c.cols);
    const Matrix u = testing::orthonormal(c.rows, d, 1), v = testing::orthonormal(c.cols, d, 2);
    const MatrixFile file(with_spectrum(u, falling(d), v), DType::kF64);
    // A vector is known to the error of its singular value over the gap to the next one, 8 / d.
    const double vectors = kRatio * static_cast<double>(d * d) * kEps * 10 * 5;
    for (const auto route : kRoutes) {
      const Svd svd = solve(route, {file.view(), {}, c.top, c.bottom, c.middle});
      REQUIRE(svd.left_middle.count == c.middle);
      REQUIRE(svd.right_middle.count == c.middle);
      CHECK(svd.left_middle.dim == c.rows);
      CHECK(svd.right_middle.dim == c.cols);
      const std::int64_t first = (d - c.middle) / 2;
      for (std::int64_t i = 0; i < c.middle; ++i) {
        CHECK(distance(svd.left_middle, i, u, first + i) <= vectors);
        CHECK(distance(svd.right_middle, i, v, first + i) <= vectors);
      }
      for (std::int64_t i = 0; i < c.top; ++i) CHECK(distance(svd.left_top, i, u, i) <= vectors);
      for (std::int64_t i = 0; i < c.bottom; ++i) CHECK(distance(svd.right_bottom, i, v, d - c.bottom + i) <= vectors);
      CHECK(svd.residual <= kRatio * static_cast<double>(d) * kEps * 5);
      CHECK(svd.orthogonality <= kRatio * static_cast<double>(d) * kEps);
    }
  }
}

TEST_CASE("middle vectors satisfy the singular equations, which the residual says") {
  const Matrix w = testing::stored_as(testing::gaussian(90, 70, 3), DType::kBF16);
  const MatrixFile file(w, DType::kBF16);
  for (const auto route : kRoutes) {
    const Svd svd = solve(route, {file.view(), {}, 0, 0, 20});
    double largest = 0;
    for (std::int64_t i = 0; i < 20; ++i) {
      const double s = svd.sigma[static_cast<std::size_t>(25 + i)];
      double square = 0;
      for (std::int64_t row = 0; row < 90; ++row) {
        double image = 0;
        for (std::int64_t col = 0; col < 70; ++col) {
          image += w(row, col) * svd.right_middle.values[static_cast<std::size_t>(i * 70 + col)];
        }
        square += std::pow(image - s * svd.left_middle.values[static_cast<std::size_t>(i * 90 + row)], 2);
      }
      largest = std::max(largest, std::sqrt(square) / svd.sigma[0]);
    }
    CHECK(svd.residual > 0);
    CHECK(largest <= svd.residual + kRatio * 70 * kEps);
    CHECK(svd.residual <= kRatio * 90 * kEps * svd.sigma[0] / svd.sigma[44]);
    CHECK(svd.orthogonality > 0);
  }
}

TEST_CASE("a middle changes no bit of the values, and no middle is as before") {
  const MatrixFile file(testing::gaussian(120, 100, 4), DType::kF32);
  for (const auto route : kRoutes) {
    const Svd without = solve(route, {file.view(), {}, 10, 6}), with = solve(route, {file.view(), {}, 10, 6, 12});
    CHECK(without.sigma == with.sigma);
    CHECK(without.left_middle.count == 0);
    CHECK(without.right_middle.values.empty());
  }
  const SvdRequest none{file.view(), {}, 0, 0}, some{file.view(), {}, 0, 0, 60};
  CHECK(svd_gram_f64_bytes(some) > svd_gram_f64_bytes(none));
  CHECK(svd_direct_f64_bytes(some) > svd_direct_f64_bytes(none));
}

TEST_CASE("a middle of repeated singular values is still orthonormal") {
  const Matrix u = testing::orthonormal(60, 40, 5), v = testing::orthonormal(40, 40, 6);
  std::vector<double> sigma(40, 2);
  sigma[0] = 5;
  const MatrixFile file(with_spectrum(u, sigma, v), DType::kF64);
  for (const auto route : kRoutes) {
    const Svd svd = solve(route, {file.view(), {}, 10, 10, 20});
    CHECK(svd.orthogonality <= kRatio * 60 * kEps);
    CHECK(svd.residual <= kRatio * 60 * kEps * 3);
  }
}

TEST_CASE("parts that reach into each other are refused") {
  const MatrixFile file(testing::gaussian(20, 11, 1), DType::kF32);
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  struct Case {
    std::int64_t top, bottom, middle;
    bool fits;
  };
  // Of 11 the middle 4 are 3 to 6, the middle 5 are 3 to 7.
  for (const Case c : {Case{3, 4, 4, true},
                       {4, 0, 4, false},
                       {0, 5, 4, false},
                       {3, 3, 5, true},
                       {0, 4, 5, false},
                       {0, 0, 11, true},
                       {1, 0, 11, false},
                       {0, 0, 12, false},
                       {0, 0, -1, false},
                       {0, 0, kHuge, false},
                       {11, 0, 0, true}}) {
    CAPTURE(c.top);
    CAPTURE(c.bottom);
    CAPTURE(c.middle);
    for (const auto route : kRoutes) {
      Control control;
      Svd svd;
      const Status status = route({file.view(), {}, c.top, c.bottom, c.middle}, control, &svd);
      CHECK(status.code == (c.fits ? Code::kOk : Code::kInvalidArgument));
      if (!c.fits) CHECK(status.message.find("middle") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace polarimeter
