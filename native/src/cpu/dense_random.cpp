#include <bit>
#include <cmath>
#include <string>
#include <utility>

#include "cpu/blas.h"
#include "cpu/dense_steps.h"
#include "cpu/guarded.h"
#include "cpu/normal_quantile.h"
#include "cpu/orthonormal.h"
#include "cpu/philox.h"
#include "polarimeter/dense.h"

namespace polarimeter {

Status dense_normal(std::int64_t rows, std::int64_t cols, std::uint64_t seed, Control& control,
                    DenseMatrix::Shared* out) {
  return guarded("dense_normal", [&] {
    DenseMatrix::Shared made;
    if (Status status = DenseMatrix::make(rows, cols, &made); !status.ok()) return status;
    // Pieces begin at even elements, so that pairs are never cut but at the end.
    static_assert(kDensePiece % 2 == 0);
    Status status = in_pieces(made->elements(), control, [&](std::int64_t first, std::int64_t count) {
      for (std::int64_t i = 0; i < count; i += 2) {
        const auto words = random_pair(static_cast<std::uint64_t>(first + i) / 2, seed);
        double* const to = made->data() + first + i;
        to[0] = normal_of_bits(words[0]);
        if (i + 1 < count) to[1] = normal_of_bits(words[1]);
      }
      return Status::Ok();
    });
    if (status.ok()) *out = std::move(made);
    return status;
  });
}

Status dense_haar(std::int64_t size, std::uint64_t seed, Control& control, DenseMatrix::Shared* out) {
  return guarded("dense_haar", [&] {
    if (Status status = fits_blas({size}); !status.ok()) return status;
    const Blas* library = nullptr;
    if (Status status = blas(&library); !status.ok()) return status;
    DenseMatrix::Shared normal, columns;
    if (Status status = dense_normal(size, size, seed, control, &normal); !status.ok()) return status;
    if (Status status = DenseMatrix::make(size, size, &columns); !status.ok()) return status;
    Status status = transpose(normal->data(), size, size, columns->data(), control);
    const int n = static_cast<int>(size);
    control.done = 0;
    control.total = static_cast<std::uint64_t>(8.0 / 3 * std::pow(static_cast<double>(size), 3));
    if (status.ok() && n > 0) status = orthonormalise(*library, n, {columns->data(), n, n}, nullptr, control);
    if (status.ok()) status = transpose(columns->data(), size, size, normal->data(), control);
    if (status.ok()) *out = std::move(normal);
    return status;
  });
}

Status dense_hadamard(std::int64_t size, std::uint64_t seed, Control& control, DenseMatrix::Shared* out) {
  return guarded("dense_hadamard", [&] {
    if (size < 1 || !std::has_single_bit(static_cast<std::uint64_t>(size))) {
      return Status::Error(
          Code::kInvalidArgument,
          "A Hadamard matrix of Sylvester has a power of two of columns, not " + std::to_string(size) + ".");
    }
    DenseMatrix::Shared made;
    if (Status status = DenseMatrix::make(size, size, &made); !status.ok()) return status;
    const double value = 1 / std::sqrt(static_cast<double>(size));
    std::vector<bool> negative(static_cast<std::size_t>(size));
    for (std::size_t j = 0; j < negative.size(); ++j) negative[j] = (random_pair(j / 2, seed)[j % 2] & 1U) != 0;
    Status status = in_pieces(made->elements(), control, [&](std::int64_t first, std::int64_t count) {
      for (std::int64_t i = first; i < first + count; ++i) {
        const auto row = static_cast<std::uint64_t>(i / size), col = static_cast<std::uint64_t>(i % size);
        const bool odd = (std::popcount(row & col) & 1) != 0;
        made->data()[i] = odd == negative[col] ? value : -value;
      }
      return Status::Ok();
    });
    if (status.ok()) *out = std::move(made);
    return status;
  });
}

}  // namespace polarimeter
