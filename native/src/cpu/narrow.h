#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace polarimeter {

/// A binary floating-point format of at most 16 bits: sign, exponent, fraction.
struct SmallFloat {
  int exponent_bits = 0;
  int fraction_bits = 0;
  /// E4M3 of OCP: the largest exponent is of numbers, all ones is NaN, and there is no infinity.
  bool finite_only = false;

  constexpr int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  constexpr std::uint32_t sign() const { return 1U << static_cast<unsigned>(exponent_bits + fraction_bits); }
  constexpr std::uint32_t exponent_mask() const {
    return ((1U << static_cast<unsigned>(exponent_bits)) - 1U) << static_cast<unsigned>(fraction_bits);
  }
  /// Code of what is too large.
  constexpr std::uint32_t beyond() const { return finite_only ? sign() - 1U : exponent_mask(); }
  constexpr std::uint32_t nan() const {
    return finite_only ? sign() - 1U : exponent_mask() | 1U << static_cast<unsigned>(fraction_bits - 1);
  }
};

inline constexpr SmallFloat kBFloat16{8, 7, false};
inline constexpr SmallFloat kFloat16{5, 10, false};
inline constexpr SmallFloat kFloat8E5M2{5, 2, false};
inline constexpr SmallFloat kFloat8E4M3{4, 3, true};

/// The code of a float64, rounded once, to nearest even. NaN keeps its sign.
template <SmallFloat kFormat>
std::uint32_t narrowed(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint32_t sign = (bits >> 63U) != 0 ? kFormat.sign() : 0U;
  const std::uint64_t magnitude = bits & 0x7FFFFFFFFFFFFFFFU;
  if (magnitude > 0x7FF0000000000000U) return sign | kFormat.nan();
  const int exponent = static_cast<int>(magnitude >> 52U) - 1023;
  constexpr int kLeast = 1 - kFormat.bias();
  // Bits of the significand that fall away; of numbers below the smallest normal one, more.
  const int dropped = 52 - kFormat.fraction_bits + (exponent < kLeast ? kLeast - exponent : 0);
  if (dropped > 53) return sign;
  const std::uint64_t significand = (magnitude & 0xFFFFFFFFFFFFFU) | (exponent > -1023 ? std::uint64_t{1} << 52U : 0U);
  const auto shift = static_cast<unsigned>(dropped);
  const std::uint64_t kept = significand >> shift;
  const std::uint64_t rest = significand & ((std::uint64_t{1} << shift) - 1U);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1U);
  const std::uint64_t rounded = kept + ((rest > half || (rest == half && (kept & 1U) != 0)) ? 1U : 0U);
  // The leading bit of a normal number adds one to the exponent field; so does a carry.
  const std::uint64_t field = exponent < kLeast ? 0U : static_cast<std::uint64_t>(exponent - kLeast);
  const std::uint64_t code = (field << static_cast<unsigned>(kFormat.fraction_bits)) + rounded;
  return sign | (code >= kFormat.beyond() ? kFormat.beyond() : static_cast<std::uint32_t>(code));
}

/// What a code means.
template <SmallFloat kFormat>
double widened(std::uint32_t code) {
  const std::uint32_t magnitude = code & (kFormat.sign() - 1U);
  const bool special = kFormat.finite_only ? magnitude == kFormat.nan() : magnitude >= kFormat.exponent_mask();
  const double size = [&] {
    if (special) return !kFormat.finite_only && magnitude == kFormat.exponent_mask() ? HUGE_VAL : std::nan("");
    const auto fraction_bits = static_cast<unsigned>(kFormat.fraction_bits);
    // In the place of a float64's fraction the code is a number whose exponent is off by the difference of the biases.
    const double shifted = std::bit_cast<double>(std::uint64_t{magnitude} << (52U - fraction_bits));
    if (magnitude >= 1U << fraction_bits) {
      return shifted * std::bit_cast<double>(static_cast<std::uint64_t>(2046 - kFormat.bias()) << 52U);
    }
    return static_cast<double>(magnitude) *
           std::bit_cast<double>(static_cast<std::uint64_t>(1024 - kFormat.bias() - kFormat.fraction_bits) << 52U);
  }();
  return (code & kFormat.sign()) != 0 ? -size : size;
}

}  // namespace polarimeter
