#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "polarimeter/job.h"
#include "polarimeter/status.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter {

/// A rectangle of a matrix.
struct Block {
  std::int64_t row = 0;
  std::int64_t rows = 0;
  std::int64_t col = 0;
  std::int64_t cols = 0;
};

/// Rectangles of a stored matrix, or of the difference of two, as float64.
///
/// Widening is exact; the difference is taken in float64; both are multiplied by `scale`, a power of two.
class RowReader {
 public:
  /// `minus` is ignored where it is not present.
  RowReader(const TensorView& w, const TensorView& minus, const Control& control);

  /// Views valid and of one shape. fails kInvalidArgument kFileTooShort
  Status validate() const;

  /// Chooses a scale that keeps squares of the elements inside float64. Reads the matrix, but only where a float64
  /// operand makes that necessary; `block_rows` rows at a time into `out`.
  Status choose_scale(std::int64_t block_rows, double* out);

  /// The block, row-major without gaps. `energy`, where given, grows by the sum of squares.
  /// fails kFileTooShort kReadFailed kNotFinite (with the first such element) kCancelled
  Status read(const Block& block, double* out, double* energy);

  /// fails kFileChanged
  Status check_unchanged() const;

  /// The stored values are those read times 2^-scale_exponent.
  int scale_exponent() const { return scale_exponent_; }
  const TensorView& view() const { return w_; }

  /// Elements widened at a time.
  static constexpr std::int64_t kPiece = std::int64_t{1} << 17;
  /// Bytes that a reader allocates at most, what its views hold included.
  static std::uint64_t bytes(const TensorView& w, const TensorView& minus);

 private:
  Status read_run(std::int64_t element, std::int64_t count, double* out, double* energy);
  Status read_widened(const TensorView& view, std::int64_t element, std::int64_t count, double* out);
  Status not_finite(std::int64_t element, std::int64_t count, const double* values) const;

  TensorView w_;
  TensorView minus_;
  const Control& control_;
  std::vector<std::byte> staging_;
  std::vector<double> subtrahend_;
  int scale_exponent_ = 0;
};

}  // namespace polarimeter
