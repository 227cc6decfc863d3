#include "core/q_blocks.h"

#include <cstring>

#include "core/widen.h"

// Layouts of the GGUF block types. Every function reads one block: scales are float16, the rest are small integers, so
// that float64 holds each element exactly.

namespace polarimeter {
namespace {

int at(const std::byte* bytes, int i) { return std::to_integer<int>(bytes[i]); }

int signed_at(const std::byte* bytes, int i) { return static_cast<std::int8_t>(at(bytes, i)); }

double scale_at(const std::byte* bytes) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, bytes, sizeof bits);
  return widened_f16(bits);
}

int low(int byte) { return byte & 15; }
int high(int byte) { return byte >> 4; }

// ------------------------------------------------------------------------------------------- blocks of 32 elements

constexpr int kHalf = 16;

/// d | 16 bytes; the low halves of the bytes are the first 16 elements, the high ones the last
void decode_q4_0(const std::byte* block, double* out) {
  const double d = scale_at(block);
  for (int i = 0; i < kHalf; ++i) {
    out[i] = d * (low(at(block, 2 + i)) - 8);
    out[i + kHalf] = d * (high(at(block, 2 + i)) - 8);
  }
}

/// d | m | 16 bytes
void decode_q4_1(const std::byte* block, double* out) {
  const double d = scale_at(block);
  const double m = scale_at(block + 2);
  for (int i = 0; i < kHalf; ++i) {
    out[i] = d * low(at(block, 4 + i)) + m;
    out[i + kHalf] = d * high(at(block, 4 + i)) + m;
  }
}

/// The fifth bit of element i of 32, as 16 or 0.
int fifth(const std::byte* bits, int i) { return ((at(bits, i / 8) >> (i % 8)) & 1) * 16; }

/// d | 32 fifth bits | 16 bytes
void decode_q5_0(const std::byte* block, double* out) {
  const double d = scale_at(block);
  const std::byte* const bits = block + 2;
  for (int i = 0; i < kHalf; ++i) {
    out[i] = d * (low(at(block, 6 + i)) + fifth(bits, i) - 16);
    out[i + kHalf] = d * (high(at(block, 6 + i)) + fifth(bits, i + kHalf) - 16);
  }
}

/// d | m | 32 fifth bits | 16 bytes
void decode_q5_1(const std::byte* block, double* out) {
  const double d = scale_at(block);
  const double m = scale_at(block + 2);
  const std::byte* const bits = block + 4;
  for (int i = 0; i < kHalf; ++i) {
    out[i] = d * (low(at(block, 8 + i)) + fifth(bits, i)) + m;
    out[i + kHalf] = d * (high(at(block, 8 + i)) + fifth(bits, i + kHalf)) + m;
  }
}

/// d | 32 signed bytes
void decode_q8_0(const std::byte* block, double* out) {
  const double d = scale_at(block);
  for (int i = 0; i < 2 * kHalf; ++i) out[i] = d * signed_at(block, 2 + i);
}

// ------------------------------------------------------------------------------------------- blocks of 256 elements

/// 16 bytes of 4-bit scale and minimum | 64 bytes | d | dmin. Each half of the block takes 32 bytes, two bits at a
/// time.
void decode_q2_k(const std::byte* block, double* out) {
  const std::byte* const codes = block + 16;
  const double d = scale_at(block + 80);
  const double dmin = scale_at(block + 82);
  for (int group = 0; group < 16; ++group) {
    const int scales = at(block, group);
    const double step = d * low(scales);
    const double least = dmin * high(scales);
    const std::byte* const from = codes + group / 8 * 32 + group % 2 * 16;
    const int shift = group % 8 / 2 * 2;
    for (int i = 0; i < 16; ++i) out[16 * group + i] = step * ((at(from, i) >> shift) & 3) - least;
  }
}

/// 6-bit scale of one of the 16 groups: four bits in the first eight bytes, two in the last four.
int q3_scale(const std::byte* scales, int group) {
  const int byte = at(scales, group % 8);
  const int lower = group < 8 ? low(byte) : high(byte);
  return (lower | (((at(scales, 8 + group % 4) >> (group / 4 * 2)) & 3) << 4)) - 32;
}

/// 32 bytes of third bits, one plane per 32 elements | 64 bytes as in Q2_K | 12 bytes of scales | d
void decode_q3_k(const std::byte* block, double* out) {
  const std::byte* const codes = block + 32;
  const double d = scale_at(block + 108);
  for (int group = 0; group < 16; ++group) {
    const double step = d * q3_scale(block + 96, group);
    const int first = group % 2 * 16;
    const std::byte* const from = codes + group / 8 * 32 + first;
    const int shift = group % 8 / 2 * 2;
    for (int i = 0; i < 16; ++i) {
      const int third = (at(block, first + i) >> (group / 2)) & 1;
      out[16 * group + i] = step * (((at(from, i) >> shift) & 3) + 4 * third - 4);
    }
  }
}

struct ScaleMin {
  int scale;
  int min;
};

/// 6-bit scale and minimum of one of the 8 groups: the last four have their upper two bits in the first eight bytes.
ScaleMin q45_scale(const std::byte* scales, int group) {
  if (group < 4) return {at(scales, group) & 63, at(scales, group + 4) & 63};
  const int lower = at(scales, group + 4);
  return {low(lower) | (at(scales, group - 4) >> 6 << 4), high(lower) | (at(scales, group) >> 6 << 4)};
}

/// d | dmin | 12 bytes of scales | 128 bytes: low halves of 32 bytes are one group, high halves the next
void decode_q4_k(const std::byte* block, double* out) {
  const double d = scale_at(block);
  const double dmin = scale_at(block + 2);
  for (int group = 0; group < 8; ++group) {
    const auto [scale, min] = q45_scale(block + 4, group);
    const double step = d * scale;
    const double least = dmin * min;
    const std::byte* const from = block + 16 + group / 2 * 32;
    const int shift = group % 2 * 4;
    for (int i = 0; i < 32; ++i) out[32 * group + i] = step * ((at(from, i) >> shift) & 15) - least;
  }
}

/// d | dmin | 12 bytes of scales | 32 bytes of fifth bits, one plane per group | 128 bytes as in Q4_K
void decode_q5_k(const std::byte* block, double* out) {
  const double d = scale_at(block);
  const double dmin = scale_at(block + 2);
  const std::byte* const bits = block + 16;
  for (int group = 0; group < 8; ++group) {
    const auto [scale, min] = q45_scale(block + 4, group);
    const double step = d * scale;
    const double least = dmin * min;
    const std::byte* const from = block + 48 + group / 2 * 32;
    const int shift = group % 2 * 4;
    for (int i = 0; i < 32; ++i) {
      const int code = ((at(from, i) >> shift) & 15) + ((at(bits, i) >> group) & 1) * 16;
      out[32 * group + i] = step * code - least;
    }
  }
}

/// 128 bytes of lower four bits | 64 bytes of upper two | 16 signed scales | d. Each half of the block takes 64 and 32
/// bytes.
void decode_q6_k(const std::byte* block, double* out) {
  const double d = scale_at(block + 208);
  for (int group = 0; group < 8; ++group) {
    const int quarter = group % 4;
    const std::byte* const lower = block + group / 4 * 64 + quarter % 2 * 32;
    const std::byte* const upper = block + 128 + group / 4 * 32;
    for (int i = 0; i < 32; ++i) {
      const int four = (at(lower, i) >> (quarter / 2 * 4)) & 15;
      const int two = (at(upper, i) >> (quarter * 2)) & 3;
      out[32 * group + i] = d * signed_at(block, 192 + 2 * group + i / 16) * ((four | two << 4) - 32);
    }
  }
}

constexpr QBlock kQ4_0 = {32, 18, decode_q4_0};
constexpr QBlock kQ4_1 = {32, 20, decode_q4_1};
constexpr QBlock kQ5_0 = {32, 22, decode_q5_0};
constexpr QBlock kQ5_1 = {32, 24, decode_q5_1};
constexpr QBlock kQ8_0 = {32, 34, decode_q8_0};
constexpr QBlock kQ2_K = {256, 84, decode_q2_k};
constexpr QBlock kQ3_K = {256, 110, decode_q3_k};
constexpr QBlock kQ4_K = {256, 144, decode_q4_k};
constexpr QBlock kQ5_K = {256, 176, decode_q5_k};
constexpr QBlock kQ6_K = {256, 210, decode_q6_k};

}  // namespace

const QBlock* q_block(Encoding encoding) {
  switch (encoding) {
    case Encoding::kF8E4M3:
    case Encoding::kF8E5M2:
      return nullptr;
    case Encoding::kQ4_0:
      return &kQ4_0;
    case Encoding::kQ4_1:
      return &kQ4_1;
    case Encoding::kQ5_0:
      return &kQ5_0;
    case Encoding::kQ5_1:
      return &kQ5_1;
    case Encoding::kQ8_0:
      return &kQ8_0;
    case Encoding::kQ2_K:
      return &kQ2_K;
    case Encoding::kQ3_K:
      return &kQ3_K;
    case Encoding::kQ4_K:
      return &kQ4_K;
    case Encoding::kQ5_K:
      return &kQ5_K;
    case Encoding::kQ6_K:
      return &kQ6_K;
  }
  return nullptr;
}

}  // namespace polarimeter
