#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "polarimeter/status.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter {

/// Derivations on top of each other, and bytes of memory that the factors of all of them hold.
inline constexpr int kMaxDerivationDepth = 8;
inline constexpr std::uint64_t kMaxHeldBytes = std::uint64_t{1} << 30U;

/// How the elements of a view come about. Immutable and thread-safe; made by the functions below, which check
/// everything that can be checked before a byte is read.
class Derivation {
 public:
  virtual ~Derivation() = default;
  Derivation(const Derivation&) = delete;
  Derivation& operator=(const Derivation&) = delete;

  virtual DType dtype() const = 0;
  virtual std::int64_t elements() const = 0;
  /// The elements [first, first + count), which exist, into `out`, aligned for them. The same bits however a range is
  /// cut. Throws std::bad_alloc alone. fails kFileTooShort kReadFailed
  virtual Status decode(std::int64_t first, std::int64_t count, std::byte* out) const = 0;
  /// fails kFileChanged
  virtual Status check_unchanged() const = 0;
  /// The bytes that it is an encoding of; null where it is made of other views.
  virtual const ByteRange* stored() const { return nullptr; }
  virtual std::uint64_t held_bytes() const = 0;
  virtual int depth() const = 0;
  virtual bool random_access() const = 0;
  virtual std::string describe() const = 0;

 protected:
  Derivation() = default;
};

/// Encodings of stored elements that are not plain numbers. Q types are blocks of 32 or, K types, of 256 elements of a
/// row.
enum class Encoding { kF8E4M3, kF8E5M2, kQ4_0, kQ4_1, kQ5_0, kQ5_1, kQ8_0, kQ2_K, kQ3_K, kQ4_K, kQ5_K, kQ6_K };

struct EncodedTensor {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  Encoding encoding = Encoding::kF8E4M3;
  std::int64_t rows = 0;
  std::int64_t cols = 0;  ///< a multiple of the elements of a block
};

/// A stored tensor in another encoding.
/// out   8-bit floats as BF16, block types as F64; exact (a block's element is a sum of products of float16 scales and
///       small integers: at most 52 bits)
/// fails kInvalidArgument kFileTooShort
/// from  OCP 8-bit Floating Point Specification 1.0 (E4M3 without infinities); GGUF specification and its block layouts
Status encoded_view(const EncodedTensor& tensor, TensorView* out);

struct ScaledTensor {
  TensorView of;     ///< (m, n)
  TensorView scale;  ///< at least (ceil(m / block_rows), ceil(n / block_cols))
  std::int64_t block_rows = 1;
  std::int64_t block_cols = 1;
};

/// Element (i, j) of `of` times element (i / block_rows, j / block_cols) of `scale`, rounded down.
/// out   F64, the product of both widened: exact where their significands have 53 bits together
/// work  the scale in F64, held
/// fails kInvalidArgument kFileTooShort
/// from  DeepSeek-V3 (arXiv 2412.19437, 3.3.2) and its weight_scale_inv; a scale per tensor or row is a block of all
Status scaled_view(const ScaledTensor& tensor, TensorView* out);

struct LowRankTensor {
  TensorView base;  ///< (m, n)
  TensorView up;    ///< (m, r); (n, r) when transposed
  TensorView down;  ///< (r, n); (r, m) when transposed
  double factor = 1;
  bool transposed = false;
};

/// base + factor * up down, or base + factor * (up down)^T.
/// out   F64; NaN and infinity of any operand as the arithmetic gives them
/// work  both factors in F64, held
/// sums  F64, over the rank in its order
/// error r eps |factor| |up| |down| per element
/// fails kInvalidArgument kFileTooShort
/// from  arXiv 2106.09685
Status low_rank_view(const LowRankTensor& tensor, TensorView* out);

/// One axis of a strided view: index i, written in the mixed radix `sizes` (last digit fastest), lies at the sum of
/// digit times stride. No digits: one index, at 0.
struct StridedAxis {
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

struct StridedTensor {
  TensorView of;
  std::int64_t start = 0;
  StridedAxis rows;
  StridedAxis cols;
};

/// Element (i, j) is element start + rows(i) + cols(j) of `of`, counted row by row.
/// out   the dtype of `of`; a slice of a stored view without gaps is a stored view
/// fails kInvalidArgument, also where columns of a view of blocks lie so far apart that each would decode a block
Status strided_view(const StridedTensor& tensor, TensorView* out);

}  // namespace polarimeter
