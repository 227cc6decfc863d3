#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "polarimeter/ops.h"

namespace polarimeter::testing {

inline constexpr double kEps = std::numeric_limits<double>::epsilon();

/// Row-major.
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<double> values;

  Matrix(std::int64_t r, std::int64_t c) : rows(r), cols(c), values(static_cast<std::size_t>(r * c)) {}
  double& operator()(std::int64_t i, std::int64_t j) { return values[static_cast<std::size_t>(i * cols + j)]; }
  double operator()(std::int64_t i, std::int64_t j) const { return values[static_cast<std::size_t>(i * cols + j)]; }
};

inline Matrix gaussian(std::int64_t rows, std::int64_t cols, std::uint64_t seed) {
  Matrix made(rows, cols);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (double& x : made.values) x = normal(random);
  return made;
}

inline double norm(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return std::sqrt(sum);
}

/// Orthonormal columns by Gram-Schmidt, twice: |Q^T Q - I| stays at a few eps.
inline Matrix orthonormal(std::int64_t dim, std::int64_t count, std::uint64_t seed) {
  Matrix q = gaussian(dim, count, seed);
  for (std::int64_t j = 0; j < count; ++j) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::int64_t p = 0; p < j; ++p) {
        double dot = 0;
        for (std::int64_t i = 0; i < dim; ++i) dot += q(i, p) * q(i, j);
        for (std::int64_t i = 0; i < dim; ++i) q(i, j) -= dot * q(i, p);
      }
    }
    double square = 0;
    for (std::int64_t i = 0; i < dim; ++i) square += q(i, j) * q(i, j);
    for (std::int64_t i = 0; i < dim; ++i) q(i, j) /= std::sqrt(square);
  }
  return q;
}

/// a b^T
inline Matrix times_transposed(const Matrix& a, const Matrix& b) {
  Matrix product(a.rows, b.rows);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t j = 0; j < b.rows; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < a.cols; ++k) sum += a(i, k) * b(j, k);
      product(i, j) = sum;
    }
  }
  return product;
}

inline Matrix transposed(const Matrix& a) {
  Matrix t(a.cols, a.rows);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t j = 0; j < a.cols; ++j) t(j, i) = a(i, j);
  }
  return t;
}

inline Matrix times(const Matrix& a, const Matrix& b) { return times_transposed(a, transposed(b)); }

/// u diag(sigma) v^T
inline Matrix with_spectrum(const Matrix& u, const std::vector<double>& sigma, const Matrix& v) {
  Matrix scaled = u;
  for (std::int64_t i = 0; i < u.rows; ++i) {
    for (std::int64_t j = 0; j < u.cols; ++j) scaled(i, j) *= sigma[static_cast<std::size_t>(j)];
  }
  return times_transposed(scaled, v);
}

inline Matrix difference(Matrix a, const Matrix& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] -= b.values[i];
  return a;
}

/// A basis as LAPACK wants it.
inline Basis to_basis(const Matrix& columns, std::int64_t first, std::int64_t count) {
  Basis basis{columns.rows, count, {}};
  for (std::int64_t j = first; j < first + count; ++j) {
    for (std::int64_t i = 0; i < columns.rows; ++i) basis.values.push_back(columns(i, j));
  }
  return basis;
}

inline Matrix to_matrix(const Basis& basis) {
  Matrix made(basis.dim, basis.count);
  for (std::int64_t j = 0; j < basis.count; ++j) {
    for (std::int64_t i = 0; i < basis.dim; ++i) made(i, j) = basis.values[static_cast<std::size_t>(j * basis.dim + i)];
  }
  return made;
}

/// Singular values by one-sided Jacobi rotations, which share nothing with the library; accurate to about d eps s_1.
inline std::vector<double> jacobi_values(Matrix a) {
  if (a.rows < a.cols) a = transposed(a);
  for (int sweep = 0; sweep < 40; ++sweep) {
    bool turned = false;
    for (std::int64_t p = 0; p < a.cols; ++p) {
      for (std::int64_t q = p + 1; q < a.cols; ++q) {
        double pp = 0, qq = 0, pq = 0;
        for (std::int64_t i = 0; i < a.rows; ++i) {
          pp += a(i, p) * a(i, p);
          qq += a(i, q) * a(i, q);
          pq += a(i, p) * a(i, q);
        }
        if (std::abs(pq) <= kEps * std::sqrt(pp * qq)) continue;
        turned = true;
        const double zeta = (qq - pp) / (2 * pq);
        const double tangent = std::copysign(1 / (std::abs(zeta) + std::hypot(1, zeta)), zeta);
        const double cosine = 1 / std::hypot(1, tangent), sine = cosine * tangent;
        for (std::int64_t i = 0; i < a.rows; ++i) {
          const double x = a(i, p), y = a(i, q);
          a(i, p) = cosine * x - sine * y;
          a(i, q) = sine * x + cosine * y;
        }
      }
    }
    if (!turned) break;
  }
  std::vector<double> sigma;
  for (std::int64_t j = 0; j < a.cols; ++j) {
    double square = 0;
    for (std::int64_t i = 0; i < a.rows; ++i) square += a(i, j) * a(i, j);
    sigma.push_back(std::sqrt(square));
  }
  std::sort(sigma.rbegin(), sigma.rend());
  return sigma;
}

}  // namespace polarimeter::testing
