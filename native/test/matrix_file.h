#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "planted_matrix.h"
#include "polarimeter/tensor_view.h"
#include "scratch_file.h"

namespace polarimeter::testing {

inline std::uint16_t to_bf16(double x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// Nearest even; |x| below 65504.
inline std::uint16_t to_f16(double x) {
  int exponent = 0;
  const double fraction = std::frexp(std::abs(x), &exponent);
  // Below 2^-14 the codes are multiples of 2^-24.
  const bool subnormal = exponent < -13;
  const auto scaled =
      static_cast<int>(std::nearbyint(subnormal ? std::ldexp(std::abs(x), 24) : std::ldexp(fraction, 11)));
  const int code = subnormal ? scaled : ((exponent + 14) << 10) + scaled - 0x400;
  return static_cast<std::uint16_t>(code | (std::signbit(x) ? 0x8000 : 0));
}

inline double from_f16(std::uint16_t code) {
  const int exponent = (code >> 10) & 0x1f, fraction = code & 0x3ff;
  const double size = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 0x400, exponent - 25);
  return code & 0x8000 ? -size : size;
}

/// A matrix in a scratch file, at an offset that aligns with nothing.
class MatrixFile {
 public:
  MatrixFile(const Matrix& matrix, DType dtype, Access access = Access::kMap) {
    std::vector<std::byte> bytes(kOffset);
    for (const double x : matrix.values) append(bytes, x, dtype);
    file_.write_at(0, bytes.data(), bytes.size());
    view_ = {file_.open(access), kOffset, dtype, matrix.rows, matrix.cols};
  }

  const TensorView& view() const { return view_; }
  const ScratchFile& file() const { return file_; }

  static constexpr std::uint64_t kOffset = 3;

 private:
  template <typename Stored>
  static void append_as(std::vector<std::byte>& bytes, Stored x) {
    const auto* const from = reinterpret_cast<const std::byte*>(&x);
    bytes.insert(bytes.end(), from, from + sizeof(x));
  }
  static void append(std::vector<std::byte>& bytes, double x, DType dtype) {
    if (dtype == DType::kF64) append_as(bytes, x);
    if (dtype == DType::kF32) append_as(bytes, static_cast<float>(x));
    if (dtype == DType::kF16) append_as(bytes, to_f16(x));
    if (dtype == DType::kBF16) append_as(bytes, to_bf16(x));
  }

  ScratchFile file_;
  TensorView view_;
};

/// What is left of a matrix after it has been stored.
inline Matrix stored_as(Matrix matrix, DType dtype) {
  for (double& x : matrix.values) {
    if (dtype == DType::kF32) x = static_cast<float>(x);
    if (dtype == DType::kBF16) x = std::bit_cast<float>(std::uint32_t{to_bf16(x)} << 16);
    if (dtype == DType::kF16) x = from_f16(to_f16(x));
  }
  return matrix;
}

}  // namespace polarimeter::testing
