#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

// What stored numbers mean, one at a time. The sources of the instruction sets compile these with flags of their own:
// hence the unnamed namespace.

namespace polarimeter {
namespace {  // NOLINT(google-build-namespaces)

inline std::uint16_t load_code(const std::byte* codes, std::int64_t i) {
  std::uint16_t code = 0;
  std::memcpy(&code, codes + 2 * i, sizeof code);
  return code;
}

inline float float_of_bf16(std::uint16_t code) { return std::bit_cast<float>(static_cast<std::uint32_t>(code) << 16U); }

/// Nearest even; NaN stays NaN.
inline std::uint16_t bf16_of_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
  const std::uint32_t nan = (bits >> 16U) | 0x40U;
  return static_cast<std::uint16_t>((bits & 0x7FFFFFFFU) > 0x7F800000U ? nan : rounded);
}

/// Nearest even in one step: float32 in between keeps what lies below its last bit in that bit (round to odd).
inline std::uint16_t bf16_of_double(double value) {
  const float nearest = static_cast<float>(value);
  const auto back = static_cast<double>(nearest);
  const auto bits = std::bit_cast<std::uint32_t>(nearest);
  const std::uint32_t too_large = std::fabs(back) > std::fabs(value) ? 1U : 0U;
  const std::uint32_t inexact = back != value ? 1U : 0U;
  return bf16_of_float(std::bit_cast<float>((bits - too_large) | inexact));
}

inline float float_of_f16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t magnitude = half & 0x7FFFU;
  if (magnitude >= 0x7C00U) return std::bit_cast<float>(sign | 0x7F800000U | ((magnitude & 0x3FFU) << 13U));
  if (magnitude < 0x400U) {
    const float tiny = static_cast<float>(magnitude) * 0x1p-24F;
    return sign != 0 ? -tiny : tiny;
  }
  return std::bit_cast<float>(sign | ((magnitude << 13U) + (112U << 23U)));
}

/// 2^e for the exponent e of a bf16 code, that of the smallest normal number for subnormal ones, and 0 for zero.
inline float power_of_two_in(std::uint16_t code) {
  const unsigned magnitude = code & 0x7FFFU;
  const unsigned exponent = magnitude & 0x7F80U;
  const unsigned smallest = magnitude != 0 ? 0x0080U : 0U;
  return float_of_bf16(static_cast<std::uint16_t>(exponent > smallest ? exponent : smallest));
}

/// Codes on one line in the order of their values, both zeros at 0.
inline int ordered(std::uint16_t code) {
  const int magnitude = code & 0x7FFF;
  return (code & 0x8000U) != 0 ? -magnitude : magnitude;
}

}  // namespace
}  // namespace polarimeter
