#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "polarimeter/job.h"
#include "polarimeter/status.h"
#include "polarimeter/tensor_view.h"

// Dense float64 algebra, for what recipes make of tensors. Every operation runs on the calling thread, looks at Control
// between steps of about 2e9 floating-point operations or a few MiB, and gives the same bits for any number of threads.
// A matrix that an operation changes must not be used by another one meanwhile; where it fails or is cancelled, part of
// it is changed.

namespace polarimeter {

/// A matrix of float64 in memory, row-major without gaps. Sides may be 0.
class DenseMatrix {
 public:
  using Shared = std::shared_ptr<DenseMatrix>;

  /// Not initialised. fails kInvalidArgument kOutOfMemory
  static Status make(std::int64_t rows, std::int64_t cols, Shared* out);
  ~DenseMatrix();
  DenseMatrix(const DenseMatrix&) = delete;
  DenseMatrix& operator=(const DenseMatrix&) = delete;

  std::int64_t rows() const { return rows_; }
  std::int64_t cols() const { return cols_; }
  std::int64_t elements() const { return rows_ * cols_; }
  double* data();
  const double* data() const;
  double* row(std::int64_t i) { return data() + i * cols_; }
  const double* row(std::int64_t i) const { return data() + i * cols_; }

 private:
  DenseMatrix(std::int64_t rows, std::int64_t cols);
  struct Memory;

  std::int64_t rows_;
  std::int64_t cols_;
  std::unique_ptr<Memory> memory_;
};

/// The matrix as a tensor of F64, so that operations on tensors take it. Keeps it alive.
TensorView dense_view(std::shared_ptr<const DenseMatrix> matrix);

// ---------------------------------------------------------------------------------------------- making and moving

/// in    w       F64|F32|F16|BF16, widened exactly, NaN and infinity included; read once
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kOutOfMemory kCancelled
Status dense_read(const TensorView& w, Control& control, DenseMatrix::Shared* out);

/// fails kInvalidArgument kOutOfMemory kCancelled
Status dense_zeros(std::int64_t rows, std::int64_t cols, Control& control, DenseMatrix::Shared* out);

/// Independent standard normal entries, row by row: the two of a counter of Philox 4x32-10 under the key `seed`.
/// error distribution: 63 bits of probability, |z| up to 9.1; quantile relative 1e-15
/// sums  additions, multiplications, divisions and square roots of IEEE float64 alone, no function of a library and no
///       fused operation: the same bits on every machine
/// fails kInvalidArgument kOutOfMemory kCancelled
/// from  Salmon et al., SC11; Wichura, Applied Statistics 37 (1988), AS241
Status dense_normal(std::int64_t rows, std::int64_t cols, std::uint64_t seed, Control& control,
                    DenseMatrix::Shared* out);

/// Haar-distributed: the orthonormal factor Q of dense_normal(size, size, seed) = Q R with positive diagonal of R.
/// error |Q^T Q - I| <= about size eps
/// work  8 size^2 bytes
/// fails kInvalidArgument kOutOfMemory kLibraryMissing kCancelled
/// from  Mezzadri, Notices of the AMS 54 (2007)
Status dense_haar(std::int64_t size, std::uint64_t seed, Control& control, DenseMatrix::Shared* out);

/// Sylvester's Hadamard matrix over sqrt(size), columns with random signs.
/// in    size    a power of two
/// fails kInvalidArgument kOutOfMemory kCancelled
Status dense_hadamard(std::int64_t size, std::uint64_t seed, Control& control, DenseMatrix::Shared* out);

/// A rectangle of a matrix.
struct DenseBlock {
  std::int64_t row = 0;
  std::int64_t rows = 0;
  std::int64_t col = 0;
  std::int64_t cols = 0;
};

/// A copy of a rectangle of `a`. fails kInvalidArgument kOutOfMemory kCancelled
Status dense_block(const DenseMatrix& a, const DenseBlock& block, Control& control, DenseMatrix::Shared* out);

/// Overwrites the rectangle of `a` that begins at (row, col) with `part`, which may be `a` itself only as a whole.
/// fails kInvalidArgument kCancelled
Status dense_place(DenseMatrix& a, std::int64_t row, std::int64_t col, const DenseMatrix& part, Control& control);

// ---------------------------------------------------------------------------------------------- algebra

struct DenseProduct {
  const DenseMatrix& a;
  const DenseMatrix& b;
  bool transposed_a = false;
  bool transposed_b = false;
};

/// op(A) op(B)
/// sums  F64 (dgemm)
/// fails kInvalidArgument kOutOfMemory kLibraryMissing kCancelled
Status dense_multiply(const DenseProduct& product, Control& control, DenseMatrix::Shared* out);

/// A += factor B. fails kInvalidArgument kCancelled
Status dense_add(DenseMatrix& a, double factor, const DenseMatrix& b, Control& control);

/// Column j *= factors[j]; one factor is for all columns. fails kInvalidArgument kCancelled
Status dense_scale(DenseMatrix& a, const std::vector<double>& factors, Control& control);

/// Frobenius norm. NaN and infinity where an element is; else finite unless it exceeds float64.
/// sums  F64 in 16 lanes, scaled by a power of two where squares would leave float64
/// error relative n eps / 16
/// fails kCancelled
Status dense_norm(const DenseMatrix& a, Control& control, double* norm);

/// Sum over all elements of A_ij B_ij.
/// sums  F64 in 16 lanes
/// fails kInvalidArgument kCancelled
Status dense_dot(const DenseMatrix& a, const DenseMatrix& b, Control& control, double* dot);

/// Numbers of singular triplets, descending: [from, to).
struct TripletRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

struct DenseSvd {
  DenseMatrix::Shared left;   ///< (m, k), orthonormal columns
  DenseMatrix::Shared right;  ///< (n, k), orthonormal columns
  std::vector<double> sigma;  ///< (k), of the triplets in the ranges, each once, descending
  std::vector<double> all;    ///< all min(m, n)
  double residual = 0;        ///< as Svd
  std::string method;         ///< svd_gram_f64 or svd_direct_f64
};

/// Bytes that dense_svd allocates at most beside its argument, results included; as svd_direct_f64_bytes.
std::uint64_t dense_svd_bytes(std::int64_t rows, std::int64_t cols, std::int64_t triplets);

/// Singular triplets of A, and all singular values.
/// out   svd     by svd_gram_f64 where the residual of what is wanted is within the error of the direct method,
///               max(64, d) eps; else by svd_direct_f64, at once where most triplets of a nearly square matrix are
///               wanted. d = min(m, n). Values that were not asked for with vectors are as exact as the method makes
///               them
/// error residual <= about d eps
/// fails kInvalidArgument kNotFinite kNoConvergence kOutOfMemory kLibraryMissing kCancelled
Status dense_svd(const std::shared_ptr<const DenseMatrix>& a, const std::vector<TripletRange>& ranges, Control& control,
                 DenseSvd* svd);

/// The nearest matrix with orthonormal columns in the Frobenius norm: U V^T of the thin decomposition A = U S V^T;
/// where A lacks rank, one of the nearest.
/// in    a       (m, n), m >= n
/// error |Q^T Q - I| <= about n eps; distance to the nearest about eps s_1 / s_n
/// work  8 (2 m n + n^2) bytes by the iteration of Newton and Schulz where |A^T A - I|_F < 2 and it converges within ten
///       steps; else dense_svd_bytes and 8 m n
/// fails kInvalidArgument kNotFinite kNoConvergence kOutOfMemory kLibraryMissing kCancelled
/// from  Fan & Hoffman, Proc. AMS 6 (1955); Higham, Functions of Matrices (2008), 8.3
Status dense_polar(const std::shared_ptr<const DenseMatrix>& a, Control& control, DenseMatrix::Shared* out);

// ---------------------------------------------------------------------------------------------- masks

enum class DenseMaskKind { kLargest, kSmallest, kDifferent, kRandom };

struct DenseMask {
  DenseMaskKind kind = DenseMaskKind::kLargest;
  std::shared_ptr<const DenseMatrix> by;    ///< kLargest, kSmallest, kDifferent
  std::shared_ptr<const DenseMatrix> with;  ///< kDifferent
  double share = 0;                         ///< but for kDifferent: 0 to 1
  std::uint64_t seed = 0;                   ///< kRandom
  bool complement = false;                  ///< selects what would not be selected
};

/// A_ij = B_ij where the mask does not select.
/// out   selected  entries that keep their value: of kLargest and kSmallest round(share * size) by |by|, of equal ones
///                 those that come first in row-major order; of kDifferent those where bfloat16, nearest even, of `by`
///                 and `with` differ, -0 equal to +0; of kRandom round(share * size) by a permutation that follows from
///                 seed and size. Their complement where that is asked for
/// error exact
/// work  0.5 MiB
/// fails kInvalidArgument kOutOfMemory kCancelled; kNotFinite where a magnitude that orders is NaN
Status dense_keep_where(DenseMatrix& a, const DenseMatrix& b, const DenseMask& mask, Control& control,
                        std::uint64_t* selected);

// ---------------------------------------------------------------------------------------------- files

/// How elements are stored.
enum class StoredType { kF64, kF32, kF16, kBF16, kF8E4M3, kF8E5M2 };

/// Where a matrix is written: into a regular file that is there, row by row, little-endian, without gaps.
struct Destination {
  std::string path;
  std::uint64_t offset = 0;
  StoredType type = StoredType::kBF16;
};

/// What rounding to the stored type did, nearest even. What exceeds it becomes infinite, in E4M3, which has no
/// infinities, NaN.
struct Written {
  std::uint64_t bytes = 0;
  double rounding = 0;           ///< Frobenius norm of what rounding added, over elements that stayed finite
  std::uint64_t overflowed = 0;  ///< finite elements that became infinite or NaN
  std::uint64_t not_finite = 0;  ///< elements that were not finite before
};

/// fails kFileOpen kDiskFull kWriteFailed kOutOfMemory kCancelled
Status dense_write(const DenseMatrix& a, const Destination& to, Control& control, Written* written);

/// A tensor in another element type, block by block, without being held.
/// in    w       F64|F32|F16|BF16, read once
/// out   written where `w` has the type of the destination, its elements are copied bit by bit. `stored_as` names the
///               type of a view of stored 8-bit floats, which operations see as BF16
/// work  3 MiB
/// fails kInvalidArgument kFileTooShort kFileChanged kReadFailed kFileOpen kDiskFull kWriteFailed kOutOfMemory kCancelled
Status dense_convert(const TensorView& w, std::optional<StoredType> stored_as, const Destination& to, Control& control,
                     Written* written);

}  // namespace polarimeter
