#include "core/widen.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace polarimeter {
namespace {

double from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

/// Tensors in a file need not be aligned, hence the copies.
template <typename Stored, typename Convert>
void widen_run(const std::byte* from, std::int64_t count, double* out, Convert convert) {
  for (std::int64_t i = 0; i < count; ++i) {
    Stored value;
    std::memcpy(&value, from + i * static_cast<std::int64_t>(sizeof(Stored)), sizeof(Stored));
    out[i] = convert(value);
  }
}

inline double from_f16(std::uint16_t bits) {
  // Read as a float32 the exponent is 112 too small, for subnormal numbers too.
  const float shifted = std::bit_cast<float>(static_cast<std::uint32_t>(bits & 0x7fff) << 13);
  const double size =
      (bits & 0x7c00) == 0x7c00 ? shifted * HUGE_VAL + (bits & 0x3ff ? std::nan("") : 0.0) : shifted * 0x1p112;
  return bits & 0x8000 ? -size : size;
}

}  // namespace

double widened_f16(std::uint16_t bits) { return from_f16(bits); }

void widen(DType dtype, const std::byte* from, std::int64_t count, double* out) {
  switch (dtype) {
    case DType::kF64:
      widen_run<double>(from, count, out, [](double x) { return x; });
      break;
    case DType::kF32:
      widen_run<float>(from, count, out, [](float x) { return static_cast<double>(x); });
      break;
    case DType::kF16:
      widen_run<std::uint16_t>(from, count, out, from_f16);
      break;
    case DType::kBF16:
      widen_run<std::uint16_t>(from, count, out, from_bf16);
      break;
  }
}

}  // namespace polarimeter
