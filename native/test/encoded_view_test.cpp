#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "derived_reference.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

using Bytes = std::vector<unsigned char>;

/// A tensor in a file, 5 bytes in.
struct EncodedFile {
  ScratchFile file;
  TensorView view;
  Status status;

  EncodedFile(const Bytes& bytes, Encoding encoding, std::int64_t rows, std::int64_t cols, Access access) {
    file.write_at(5, bytes.data(), bytes.size());
    status = encoded_view({file.open(access), 5, encoding, rows, cols}, &view);
  }
};

Bytes random_bytes(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(count);
  for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
  return bytes;
}

/// The value of an 8-bit float by its definition: sign, exponent, significand.
double value_of_eight_bits(int code, int mantissa_bits, bool infinities) {
  const int bias = (1 << (6 - mantissa_bits)) - 1;
  const double sign = code < 128 ? 1 : -1;
  const int magnitude = code % 128, parts = 1 << mantissa_bits;
  const int exponent = magnitude / parts, mantissa = magnitude % parts;
  if (infinities && exponent == 31) return mantissa == 0 ? sign * HUGE_VAL : std::nan("");
  if (!infinities && magnitude == 127) return std::nan("");
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - mantissa_bits);
  return sign * std::ldexp(1 + static_cast<double>(mantissa) / parts, exponent - bias);
}

// One element of a block, each from the place of its bits alone: the other way round than decoding a block.

using Element = double (*)(const unsigned char* block, int i);

double f16(const unsigned char* at) { return widened_f16(static_cast<std::uint16_t>(at[0] | at[1] << 8)); }
int bits(const unsigned char* bytes, int first, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) value += ((bytes[(first + i) / 8] >> ((first + i) % 8)) & 1) << i;
  return value;
}
int nibble(const unsigned char* bytes, int i) { return bits(bytes, i % 16 * 8 + i / 16 * 4, 4); }

double q4_0(const unsigned char* b, int i) { return f16(b) * (nibble(b + 2, i) - 8); }
double q4_1(const unsigned char* b, int i) { return f16(b) * nibble(b + 4, i) + f16(b + 2); }
double q5_0(const unsigned char* b, int i) { return f16(b) * (nibble(b + 6, i) + 16 * bits(b + 2, i, 1) - 16); }
double q5_1(const unsigned char* b, int i) { return f16(b) * (nibble(b + 8, i) + 16 * bits(b + 4, i, 1)) + f16(b + 2); }
double q8_0(const unsigned char* b, int i) { return f16(b) * static_cast<signed char>(b[2 + i]); }

/// Two bits of element i of 256: 32 bytes a half, the four quarters of a half one above the other.
int two_bits(const unsigned char* bytes, int i) {
  return bits(bytes, (i / 128 * 32 + i % 32) * 8 + i % 128 / 32 * 2, 2);
}
/// Four bits of element i of 256: 32 bytes for 64 elements.
int four_bits(const unsigned char* bytes, int i) {
  return bits(bytes, (i / 64 * 32 + i % 32) * 8 + i % 64 / 32 * 4, 4);
}

double q2_k(const unsigned char* b, int i) {
  const int scale = bits(b, i / 16 * 8, 4), least = bits(b, i / 16 * 8 + 4, 4);
  return f16(b + 80) * scale * two_bits(b + 16, i) - f16(b + 82) * least;
}
double q3_k(const unsigned char* b, int i) {
  const int group = i / 16;
  const int scale =
      bits(b + 96, group % 8 * 8 + group / 8 * 4, 4) + 16 * bits(b + 104, group % 4 * 8 + group / 4 * 2, 2);
  const int code = two_bits(b + 32, i) + 4 * bits(b, i % 32 * 8 + i / 32, 1);
  return f16(b + 108) * (scale - 32) * (code - 4);
}
int k_scale(const unsigned char* s, int group) {
  return group < 4 ? bits(s, 8 * group, 6) : bits(s, 8 * (group + 4), 4) + 16 * bits(s, 8 * (group - 4) + 6, 2);
}
int k_least(const unsigned char* s, int group) {
  return group < 4 ? bits(s, 8 * (group + 4), 6) : bits(s, 8 * (group + 4) + 4, 4) + 16 * bits(s, 8 * group + 6, 2);
}
double q4_k(const unsigned char* b, int i) {
  return f16(b) * k_scale(b + 4, i / 32) * four_bits(b + 16, i) - f16(b + 2) * k_least(b + 4, i / 32);
}
double q5_k(const unsigned char* b, int i) {
  const int code = four_bits(b + 48, i) + 16 * bits(b + 16, i % 32 * 8 + i / 32, 1);
  return f16(b) * k_scale(b + 4, i / 32) * code - f16(b + 2) * k_least(b + 4, i / 32);
}
double q6_k(const unsigned char* b, int i) {
  const int lower = bits(b, (i / 128 * 64 + i % 64) * 8 + i % 128 / 64 * 4, 4);
  return f16(b + 208) * static_cast<signed char>(b[192 + i / 16]) * (lower + 16 * two_bits(b + 128, i) - 32);
}

struct BlockType {
  const char* name;
  Encoding encoding;
  std::int64_t elements;
  std::size_t bytes;
  std::vector<std::size_t> scales;  ///< where float16 numbers lie
  Element element;
};

const std::vector<BlockType>& block_types() {
  static const std::vector<BlockType> types = {
      {"Q4_0", Encoding::kQ4_0, 32, 18, {0}, q4_0},      {"Q4_1", Encoding::kQ4_1, 32, 20, {0, 2}, q4_1},
      {"Q5_0", Encoding::kQ5_0, 32, 22, {0}, q5_0},      {"Q5_1", Encoding::kQ5_1, 32, 24, {0, 2}, q5_1},
      {"Q8_0", Encoding::kQ8_0, 32, 34, {0}, q8_0},      {"Q2_K", Encoding::kQ2_K, 256, 84, {80, 82}, q2_k},
      {"Q3_K", Encoding::kQ3_K, 256, 110, {108}, q3_k},  {"Q4_K", Encoding::kQ4_K, 256, 144, {0, 2}, q4_k},
      {"Q5_K", Encoding::kQ5_K, 256, 176, {0, 2}, q5_k}, {"Q6_K", Encoding::kQ6_K, 256, 210, {208}, q6_k}};
  return types;
}

constexpr std::array<std::uint16_t, 8> kExtremeScales = {0x0000, 0x8000, 0x0001, 0x83ff,
                                                         0x7bff, 0xfbff, 0x0400, 0x3c01};

/// Random blocks; every other one has a largest, smallest, subnormal or zero scale.
Bytes blocks_of(const BlockType& type, std::size_t count, unsigned seed) {
  Bytes bytes = random_bytes(type.bytes * count, seed);
  for (std::size_t block = 0; block < count; ++block) {
    for (std::size_t i = 0; i < type.scales.size(); ++i) {
      unsigned char* const at = bytes.data() + block * type.bytes + type.scales[i];
      if (block % 2 == 1) {
        const std::uint16_t scale = kExtremeScales[(block / 2 + 3 * i) % kExtremeScales.size()];
        at[0] = static_cast<unsigned char>(scale & 0xff);
        at[1] = static_cast<unsigned char>(scale >> 8);
      } else {
        at[1] = static_cast<unsigned char>((at[1] & 0x83) | 0x28);  // finite, of ordinary size
      }
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("every 8-bit float is presented as the bfloat16 of its value, mapped and read") {
  Bytes codes(256);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<unsigned char>(i);
  for (const Access access : {Access::kMap, Access::kRead}) {
    for (const Encoding encoding : {Encoding::kF8E4M3, Encoding::kF8E5M2}) {
      const EncodedFile made(codes, encoding, 16, 16, access);
      REQUIRE(made.status.ok());
      CHECK(made.view.dtype == DType::kBF16);
      CHECK(made.view.validate().ok());
      const std::vector<double> values = read_all(made.view);
      const bool e5m2 = encoding == Encoding::kF8E5M2;
      int wrong = 0, nans = 0;
      for (int code = 0; code < 256; ++code) {
        const double expected = value_of_eight_bits(code, e5m2 ? 2 : 3, e5m2);
        const double value = values[static_cast<std::size_t>(code)];
        nans += std::isnan(value) ? 1 : 0;
        const bool same = std::isnan(expected) ? std::isnan(value)
                                               : value == expected && std::signbit(value) == std::signbit(expected);
        wrong += same ? 0 : 1;
      }
      CHECK(wrong == 0);
      CHECK(nans == (e5m2 ? 6 : 2));
      CHECK(cuts_agree(made.view, 1));
    }
  }
  const EncodedFile largest({0x7e, 0xfe, 0x01, 0x7f}, Encoding::kF8E4M3, 1, 4, Access::kMap);
  CHECK(read_range(largest.view, 0, 3) == std::vector<double>{448, -448, 0x1p-9});
  const EncodedFile wide({0x7b, 0x01, 0x7c, 0xfc}, Encoding::kF8E5M2, 1, 4, Access::kMap);
  CHECK(read_all(wide.view) == std::vector<double>{57344, 0x1p-16, HUGE_VAL, -HUGE_VAL});
}

TEST_CASE("every block type is presented as the exact values of its elements, mapped and read") {
  for (const BlockType& type : block_types()) {
    CAPTURE(std::string(type.name));
    constexpr std::int64_t kRows = 6, kBlocksPerRow = 7;
    const Bytes bytes = blocks_of(type, kRows * kBlocksPerRow, 11);
    for (const Access access : {Access::kMap, Access::kRead}) {
      const EncodedFile made(bytes, type.encoding, kRows, kBlocksPerRow * type.elements, access);
      REQUIRE_MESSAGE(made.status.ok(), made.status.message);
      CHECK(made.view.dtype == DType::kF64);
      const std::vector<double> values = read_all(made.view);
      int wrong = 0, large = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const unsigned char* const block = bytes.data() + i / static_cast<std::size_t>(type.elements) * type.bytes;
        const double expected = type.element(block, static_cast<int>(i % static_cast<std::size_t>(type.elements)));
        wrong += values[i] == expected ? 0 : 1;
        large += std::abs(values[i]) > 65504 ? 1 : 0;
      }
      CHECK(wrong == 0);
      CHECK(large > 0);
      CHECK(cuts_agree(made.view, 2));
      ByteRange stored;
      REQUIRE(made.view.stored_bytes(&stored).ok());
      CHECK(stored.length == bytes.size());
      CHECK(stored.offset == 5);
    }
  }
}

TEST_CASE("scales that are NaN or infinite reach the elements") {
  for (const BlockType& type : block_types()) {
    CAPTURE(std::string(type.name));
    Bytes bytes = random_bytes(type.bytes, 3);
    for (const std::size_t at : type.scales) {
      bytes[at] = 0;
      bytes[at + 1] = 0x7e;
    }
    const EncodedFile nan(bytes, type.encoding, 1, type.elements, Access::kMap);
    for (const double value : read_all(nan.view)) CHECK(std::isnan(value));
    bytes[type.scales[0] + 1] = 0x7c;
    const EncodedFile infinite(bytes, type.encoding, 1, type.elements, Access::kMap);
    for (const double value : read_all(infinite.view)) CHECK_FALSE(std::isfinite(value));
  }
}

TEST_CASE("an encoded view is checked against blocks, overflow and the end of its file") {
  const Bytes bytes(84, 1);
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const auto code = [&](Encoding encoding, std::int64_t rows, std::int64_t cols) {
    return EncodedFile(bytes, encoding, rows, cols, Access::kRead).status.code;
  };
  CHECK(code(Encoding::kQ2_K, 1, 256) == Code::kOk);
  CHECK(code(Encoding::kQ2_K, 256, 1) == Code::kInvalidArgument);
  CHECK(code(Encoding::kQ2_K, 1, 512) == Code::kFileTooShort);
  CHECK(code(Encoding::kQ4_0, 1, 128) == Code::kOk);
  CHECK(code(Encoding::kQ4_0, 4, 48) == Code::kInvalidArgument);
  CHECK(code(Encoding::kQ4_0, 0, 32) == Code::kOk);
  CHECK(code(Encoding::kF8E4M3, 84, 1) == Code::kOk);
  CHECK(code(Encoding::kF8E4M3, 85, 1) == Code::kFileTooShort);
  CHECK(code(Encoding::kF8E4M3, -1, -1) == Code::kInvalidArgument);
  CHECK(code(Encoding::kF8E4M3, kHuge, 1) == Code::kInvalidArgument);
  CHECK(code(Encoding::kQ8_0, kHuge, 32) == Code::kInvalidArgument);
  TensorView view;
  CHECK(encoded_view({nullptr, 0, Encoding::kQ4_0, 1, 32}, &view).code == Code::kInvalidArgument);
  const ScratchFile file(bytes.data(), bytes.size());
  const std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  CHECK(encoded_view({file.open(Access::kMap), end - 3, Encoding::kF8E5M2, 1, 32}, &view).code ==
        Code::kInvalidArgument);
}
