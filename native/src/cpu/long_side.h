#pragma once

#include <cstdint>

#include "cpu/blas.h"
#include "cpu/multiply.h"
#include "cpu/row_reader.h"
#include "cpu/workspace.h"
#include "polarimeter/job.h"
#include "polarimeter/ops.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// k triplets of a d x L matrix: bases column-major, d x k and L x k.
struct SingularTriplets {
  int k = 0;
  const double* short_basis = nullptr;
  const double* sigma = nullptr;
  const double* long_basis = nullptr;
};

/// A stored matrix W (m x n) seen as d short by L long, d = min(m, n), and read in blocks along the long side: rows of
/// a tall matrix, columns of a wide one. Every pass reads the whole matrix once and holds one block in float64.
class LongSide {
 public:
  LongSide(const Blas& blas, const TensorView& w, const TensorView& minus, const Control& control);

  /// Checks the views, allocates the block, chooses the scale. fails as RowReader, kOutOfMemory kCancelled
  Status prepare();

  /// Lower triangle of the d x d Gram matrix of the short side, leading dimension ld, which must be zero before; and
  /// |W|_F^2.
  Status gram(double* g, int ld, double* energy, Control& control);

  /// y (L x k) = W v for a tall matrix, W^T v for a wide one; v is d x k.
  Status apply(const double* v, int k, double* y, Control& control);

  /// The largest, over the triplets, of |W v - s u| and |W^T u - s v|.
  /// fails as apply, kOutOfMemory
  Status residual(const SingularTriplets& triplets, double* largest, Control& control);

  std::int64_t short_size() const { return d_; }
  std::int64_t long_size() const { return l_; }
  bool tall() const { return tall_; }
  const RowReader& reader() const { return reader_; }
  RowReader& reader() { return reader_; }

  /// Elements of the block for a d x L matrix.
  static std::int64_t block_elements(std::int64_t d, std::int64_t l);

 private:
  struct Products {
    double* forward;
    double* backward;
    Control& control;
  };

  Status load(std::int64_t start, std::int64_t count, double* energy);
  Product on_block(bool forward, std::int64_t count, int k) const;
  Status check_block(const SingularTriplets& triplets, std::int64_t start, std::int64_t count, Products products);

  const Blas& blas_;
  RowReader reader_;
  std::int64_t d_, l_, count_;
  bool tall_;
  Workspace block_;
};

}  // namespace polarimeter
