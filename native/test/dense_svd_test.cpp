#include <cmath>
#include <limits>

#include "dense_reference.h"

namespace polarimeter {
namespace {

using testing::dense_of;
using testing::difference;
using testing::gaussian;
using testing::kEps;
using testing::largest;
using testing::Matrix;
using testing::matrix_of;
using testing::off_orthonormal;
using testing::orthonormal;
using testing::times;
using testing::times_transposed;
using testing::transposed;
using testing::with_spectrum;

/// From 1 down to `least`, evenly on the logarithm.
std::vector<double> spectrum(std::int64_t d, double least) {
  std::vector<double> sigma;
  for (std::int64_t i = 0; i < d; ++i) {
    sigma.push_back(std::pow(least, static_cast<double>(i) / static_cast<double>(d - 1)));
  }
  return sigma;
}

Matrix planted(std::int64_t rows, std::int64_t cols, const std::vector<double>& sigma, std::uint64_t seed) {
  const auto d = static_cast<std::int64_t>(sigma.size());
  return with_spectrum(orthonormal(rows, d, seed), sigma, orthonormal(cols, d, seed + 1));
}

/// The largest column norm of W V - U S.
double residual_of(const Matrix& w, const DenseSvd& svd) {
  const Matrix u = matrix_of(*svd.left), v = matrix_of(*svd.right);
  double worst = 0;
  for (const bool turned : {false, true}) {
    const Matrix image = turned ? times(transposed(w), u) : times(w, v);
    const Matrix& other = turned ? v : u;
    for (std::int64_t j = 0; j < image.cols; ++j) {
      double square = 0;
      for (std::int64_t i = 0; i < image.rows; ++i) {
        const double off = image(i, j) - svd.sigma[static_cast<std::size_t>(j)] * other(i, j);
        square += off * off;
      }
      worst = std::max(worst, std::sqrt(square));
    }
  }
  return svd.all.front() > 0 ? worst / svd.all.front() : worst;
}

DenseSvd decomposed(const Matrix& w, const std::vector<TripletRange>& ranges) {
  Control control;
  DenseSvd svd;
  const Status status = dense_svd(dense_of(w), ranges, control, &svd);
  INFO(status.message);
  REQUIRE(status.ok());
  return svd;
}

void check_svd(const Matrix& w, const DenseSvd& svd) {
  const double d = static_cast<double>(std::min(w.rows, w.cols)), tolerance = std::max(64.0, d) * kEps;
  CHECK(svd.residual <= tolerance);
  CHECK(residual_of(w, svd) <= tolerance);
  CHECK(off_orthonormal(matrix_of(*svd.left)) <= 64 * kEps);
  CHECK(off_orthonormal(matrix_of(*svd.right)) <= 64 * kEps);
}

TEST_CASE("triplets satisfy their equations up to a condition of 1e12, whichever are asked for") {
  const std::int64_t d = 60;
  for (const double least : {0.3, 1e-4, 1e-9, 1e-12}) {
    const std::vector<double> sigma = spectrum(d, least);
    for (const auto& [rows, cols] :
         {std::pair(d, d), std::pair(d, std::int64_t{151}), std::pair(std::int64_t{151}, d)}) {
      const Matrix w = planted(rows, cols, sigma, 7);
      const std::vector<std::vector<TripletRange>> choices = {
          {{0, d}}, {{0, 5}}, {{d - 5, d}}, {{0, 4}, {20, 26}, {d - 3, d}}, {{30, 33}, {10, 12}, {11, 14}, {40, 40}}};
      for (const auto& ranges : choices) {
        const DenseSvd svd = decomposed(w, ranges);
        check_svd(w, svd);
        REQUIRE(svd.all.size() == static_cast<std::size_t>(d));
        CHECK(svd.left->rows() == rows);
        CHECK(svd.right->rows() == cols);
      }
    }
  }
}

TEST_CASE("ranges are joined, in descending order, each triplet once") {
  const std::vector<double> sigma = spectrum(40, 0.01);
  const Matrix w = planted(40, 70, sigma, 3);
  const DenseSvd svd = decomposed(w, {{30, 33}, {10, 12}, {11, 14}, {5, 5}, {39, 40}});
  const std::vector<std::size_t> numbers = {10, 11, 12, 13, 30, 31, 32, 39};
  REQUIRE(svd.sigma.size() == numbers.size());
  CHECK(svd.left->cols() == 8);
  for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(std::abs(svd.sigma[i] - sigma[numbers[i]]) <= 64 * kEps);
  for (std::size_t i = 0; i < sigma.size(); ++i) CHECK(std::abs(svd.all[i] - sigma[i]) <= 1e-13);
}

TEST_CASE("well-conditioned leading triplets take the Gram matrix, the tail of others the direct method") {
  const Matrix w = planted(80, 80, spectrum(80, 1e-10), 5);
  CHECK(decomposed(w, {{0, 4}}).method == "svd_gram_f64");
  CHECK(decomposed(w, {{78, 80}}).method == "svd_direct_f64");
  CHECK(decomposed(w, {{0, 80}}).method == "svd_direct_f64");
}

TEST_CASE("a matrix without full rank has orthonormal vectors on both sides all the same") {
  std::vector<double> sigma = spectrum(30, 0.1);
  std::fill(sigma.begin() + 12, sigma.end(), 0.0);
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>(30, 30), {30, 64}, {64, 30}}) {
    const Matrix w = planted(rows, cols, sigma, 11);
    for (const std::vector<TripletRange>& ranges : {std::vector<TripletRange>{{0, 30}}, {{8, 16}}, {{20, 30}}}) {
      check_svd(w, decomposed(w, ranges));
    }
    check_svd(Matrix(rows, cols), decomposed(Matrix(rows, cols), {{0, 3}, {29, 30}}));
  }
}

TEST_CASE("no triplets are an answer; triplets that are not there, and what is not finite, are not") {
  Control control;
  DenseSvd svd = decomposed(gaussian(6, 9, 1), {});
  CHECK(svd.left->cols() == 0);
  CHECK(svd.right->rows() == 9);
  CHECK(svd.all.size() == 6);
  CHECK(decomposed(Matrix(0, 4), {}).all.empty());
  for (const TripletRange range : {TripletRange{0, 7}, TripletRange{-1, 2}, TripletRange{3, 2}}) {
    CHECK(dense_svd(dense_of(gaussian(6, 9, 1)), {range}, control, &svd).code == Code::kInvalidArgument);
  }
  Matrix bad = gaussian(6, 9, 1);
  bad(2, 3) = std::nan("");
  DenseMatrix::Shared out;
  CHECK(dense_svd(dense_of(bad), {{0, 1}}, control, &svd).code == Code::kNotFinite);
  CHECK(dense_polar(dense_of(transposed(bad)), control, &out).code == Code::kNotFinite);
  CHECK(dense_polar(dense_of(gaussian(6, 9, 1)), control, &out).code == Code::kInvalidArgument);
}

TEST_CASE("a polar factor is orthonormal, and what is left of the matrix symmetric and positive") {
  Control control;
  for (const auto& [rows, cols] : {std::pair<std::int64_t, std::int64_t>(50, 50), {130, 50}, {5, 1}, {1, 1}}) {
    for (const double least : {0.8, 0.2, 1e-3}) {
      const Matrix w = planted(rows, cols, cols == 1 ? std::vector<double>{least} : spectrum(cols, least), 2);
      DenseMatrix::Shared out;
      REQUIRE(dense_polar(dense_of(w), control, &out).ok());
      const Matrix q = matrix_of(*out);
      CHECK(off_orthonormal(q) <= 1e-14 * std::sqrt(static_cast<double>(cols)));
      // A = Q H: H symmetric, and positive: its trace is the sum of the singular values.
      const Matrix h = times(transposed(q), w);
      CHECK(largest(difference(h, transposed(h))) <= 64 * kEps);
      double trace = 0, expected = 0;
      for (std::int64_t i = 0; i < cols; ++i) trace += h(i, i);
      for (const double s : testing::jacobi_values(w)) expected += s;
      CHECK(trace == doctest::Approx(expected).epsilon(1e-13));
    }
  }
  // Two mixed orthonormal bases, as an edit mixes them, and one that lacks rank.
  Matrix mixed = orthonormal(40, 40, 1);
  const Matrix other = orthonormal(40, 40, 2);
  for (std::int64_t i = 0; i < 40; ++i) {
    for (std::int64_t j = 0; j < 10; ++j) mixed(i, j) = other(i, j);
  }
  Matrix deficient = mixed;
  for (std::int64_t i = 0; i < 40; ++i) deficient(i, 3) = 0;
  for (const Matrix& w : {mixed, deficient, Matrix(7, 3)}) {
    DenseMatrix::Shared out;
    REQUIRE(dense_polar(dense_of(w), control, &out).ok());
    CHECK(off_orthonormal(matrix_of(*out)) <= 1e-14 * std::sqrt(40.0));
    double trace = 0, expected = 0;
    const Matrix h = times(transposed(matrix_of(*out)), w);
    for (std::int64_t i = 0; i < w.cols; ++i) trace += h(i, i);
    for (const double s : testing::jacobi_values(w)) expected += s;
    CHECK(std::abs(trace - expected) <= 1e-12);
  }
}

TEST_CASE("a polar factor is that of the decomposition, near an orthonormal matrix and far from it") {
  Control control;
  const Matrix u = orthonormal(70, 30, 1), v = orthonormal(30, 30, 2);
  const Matrix expected = times_transposed(u, v);
  for (const double odd : {1.0, 1 + 1e-7, 1.1, 1.7, 1.75, 2.5, 0.3, 0.01, 1e-5}) {
    std::vector<double> sigma(30, 1.0);
    sigma[7] = odd;
    sigma[8] = 1.02;
    DenseMatrix::Shared out;
    REQUIRE(dense_polar(dense_of(with_spectrum(u, sigma, v)), control, &out).ok());
    CHECK(largest(difference(matrix_of(*out), expected)) <= 64 * kEps / std::min(1.0, odd));
    CHECK(off_orthonormal(matrix_of(*out)) <= 64 * kEps);
  }
}

TEST_CASE("huge and tiny matrices have the same vectors") {
  const Matrix w = planted(20, 30, spectrum(20, 0.1), 9);
  const double scale = std::ldexp(1.0, 600);
  for (const double factor : {scale, 1 / scale}) {
    Matrix scaled = w;
    for (double& x : scaled.values) x *= factor;
    const DenseSvd svd = decomposed(scaled, {{0, 20}});
    CHECK(svd.residual <= 64 * kEps);
    CHECK(svd.sigma.front() == doctest::Approx(factor).epsilon(1e-13));
  }
}

}  // namespace
}  // namespace polarimeter
