#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "planted_matrix.h"
#include "polarimeter/dense.h"

namespace polarimeter::testing {

inline DenseMatrix::Shared dense_of(const Matrix& matrix) {
  DenseMatrix::Shared made;
  REQUIRE(DenseMatrix::make(matrix.rows, matrix.cols, &made).ok());
  std::copy(matrix.values.begin(), matrix.values.end(), made->data());
  return made;
}

inline Matrix matrix_of(const DenseMatrix& dense) {
  Matrix made(dense.rows(), dense.cols());
  std::copy_n(dense.data(), dense.elements(), made.values.begin());
  return made;
}

/// max |Q^T Q - I| by plain sums.
inline double off_orthonormal(const Matrix& q) {
  double worst = 0;
  const Matrix gram = times_transposed(transposed(q), transposed(q));
  for (std::int64_t i = 0; i < gram.rows; ++i) {
    for (std::int64_t j = 0; j < gram.cols; ++j) worst = std::max(worst, std::abs(gram(i, j) - (i == j ? 1 : 0)));
  }
  return worst;
}

inline double largest(const Matrix& a) {
  double most = 0;
  for (const double x : a.values) most = std::max(most, std::abs(x));
  return most;
}

}  // namespace polarimeter::testing
