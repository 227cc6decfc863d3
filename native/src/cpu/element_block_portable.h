#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "cpu/element_block.h"
#include "cpu/element_codes.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

// Loops in plain C++, with lanes spelled out so that every instruction set adds in the same order. Each source of an
// instruction set includes this file and compiles its own copy: hence the unnamed namespace.

namespace polarimeter {
namespace {  // NOLINT(google-build-namespaces)

inline void widen_f32(const std::byte* source, std::int64_t count, StagedTile tile) {
  for (std::int64_t i = 0; i < count; ++i) {
    float value = 0;
    std::memcpy(&value, source + 4 * i, sizeof value);
    tile.values[i] = static_cast<double>(value);
    tile.codes[i] = bf16_of_float(value);
  }
}

inline void widen_f16(const std::byte* source, std::int64_t count, StagedTile tile) {
  alignas(64) float values[kTileElements];
  std::int64_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= count; i += 8) {
    _mm256_store_ps(values + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(source + 2 * i))));
  }
#endif
  for (; i < count; ++i) values[i] = float_of_f16(load_code(source, i));
  widen_f32(reinterpret_cast<const std::byte*>(values), count, tile);
}

inline void widen_bf16(const std::byte* source, std::int64_t count, StagedTile tile) {
  std::memcpy(tile.codes, source, static_cast<std::size_t>(2 * count));
  for (std::int64_t i = 0; i < count; ++i) tile.values[i] = static_cast<double>(float_of_bf16(tile.codes[i]));
}

inline void widen_f64(const std::byte* source, std::int64_t count, StagedTile tile) {
  std::memcpy(tile.values, source, static_cast<std::size_t>(8 * count));
  for (std::int64_t i = 0; i < count; ++i) tile.codes[i] = bf16_of_double(tile.values[i]);
}

inline void widen(DType dtype, const std::byte* source, std::int64_t count, StagedTile tile) {
  switch (dtype) {
    case DType::kF64:
      widen_f64(source, count, tile);
      break;
    case DType::kF32:
      widen_f32(source, count, tile);
      break;
    case DType::kF16:
      widen_f16(source, count, tile);
      break;
    case DType::kBF16:
      widen_bf16(source, count, tile);
      break;
  }
  const std::int64_t padded = (count + kTileQuantum - 1) / kTileQuantum * kTileQuantum;
  std::fill(tile.values + count, tile.values + padded, 0.0);
  std::fill(tile.codes + count, tile.codes + padded, std::uint16_t{0});
}

// As many float64 as a register holds. kParts of them are kLanes: sums add up in the same order everywhere.
#if defined(__AVX512F__)
inline constexpr int kRegister = 64;
#elif defined(__AVX__)
inline constexpr int kRegister = 32;
#else
inline constexpr int kRegister = 16;
#endif
inline constexpr int kWidth = kRegister / 8;
inline constexpr int kParts = kLanes / kWidth;
using Doubles = double __attribute__((vector_size(kRegister)));
using Floats = float __attribute__((vector_size(kRegister / 2)));
using Words = std::int64_t __attribute__((vector_size(kRegister)));

// By reference: how registers pass by value depends on the instruction set.
inline void load_lanes(const double* memory, Doubles& lanes) { std::memcpy(&lanes, memory, sizeof lanes); }
inline void store_lanes(double* memory, const Doubles& lanes) { std::memcpy(memory, &lanes, sizeof lanes); }

struct LaneSums {
  Doubles parts[kParts] = {};

  void add_to(double* memory) const {
    for (int part = 0; part < kParts; ++part) {
      Doubles sum;
      load_lanes(memory + kWidth * part, sum);
      sum += parts[part];
      store_lanes(memory + kWidth * part, sum);
    }
  }
};

inline void dot_f64(const double* x, const double* y, std::int64_t count, double* lanes) {
  static_assert(kTileQuantum % (2 * kLanes) == 0);
  LaneSums sums[2];  // two chains of additions, or one would wait for itself
  for (std::int64_t i = 0; i < count; i += 2 * kLanes) {
    for (int part = 0; part < 2 * kParts; ++part) {
      Doubles a;
      Doubles b;
      load_lanes(x + i + kWidth * part, a);
      load_lanes(y + i + kWidth * part, b);
      sums[part / kParts].parts[part % kParts] += a * b;
    }
  }
  for (const LaneSums& sum : sums) sum.add_to(lanes);
}

inline void reference_staged(StagedTile reference, std::int64_t count, ReferenceState* state) {
  alignas(64) double powers[kTileElements];
  for (std::int64_t i = 0; i < count; ++i) powers[i] = static_cast<double>(power_of_two_in(reference.codes[i]));
  dot_f64(powers, powers, count, state->sum_sq_power);
  dot_f64(reference.values, reference.values, count, state->sum_sq);
}

/// What sums_staged keeps for one register of lanes.
struct StagedSums {
  Doubles sq_variant = {};
  Doubles sq_update = {};
  Doubles dot = {};
  Doubles largest = {};
  Words unchanged = {};
};

template <Difference kDifference>
inline void add_staged(const double* reference, const double* variant, double* update, StagedSums& sums) {
  Doubles w;
  Doubles v;
  load_lanes(reference, w);
  load_lanes(variant, v);
  Doubles d = v - w;
  if constexpr (kDifference == Difference::kF32) {
    // Float32 cannot overflow here unnoticed: a block with such values is done again.
    const Floats narrow = __builtin_convertvector(v, Floats) - __builtin_convertvector(w, Floats);
    d = __builtin_convertvector(narrow, Doubles);
  }
  store_lanes(update, d);
  sums.sq_variant += v * v;
  sums.sq_update += d * d;
  sums.dot += w * d;
  const Doubles magnitude = d < 0.0 ? -d : d;
  sums.largest = magnitude > sums.largest ? magnitude : sums.largest;
  sums.unchanged -= v == w;
}

inline void add_part_to(const StagedSums& sums, int part, PairState* state) {
  for (int i = 0; i < kWidth; ++i) {
    const int lane = kWidth * part + i;
    state->sum_sq_variant[lane] += sums.sq_variant[i];
    state->sum_sq_update[lane] += sums.sq_update[i];
    state->dot_reference_update[lane] += sums.dot[i];
    state->max_abs_update[lane] = std::max(state->max_abs_update[lane], sums.largest[i]);
    state->changed_native -= static_cast<std::uint64_t>(sums.unchanged[i]);
  }
}

template <Difference kDifference>
inline void sums_staged_as(StagedTile reference, StagedTile variant, std::int64_t count, double* updates,
                           PairState* state) {
  StagedSums sums[kParts];
  for (std::int64_t i = 0; i < count; i += kLanes) {
    for (int part = 0; part < kParts; ++part) {
      const std::int64_t at = i + kWidth * part;
      add_staged<kDifference>(reference.values + at, variant.values + at, updates + at, sums[part]);
    }
  }
  for (int part = 0; part < kParts; ++part) add_part_to(sums[part], part, state);
  state->changed_native += static_cast<std::uint64_t>(count);
}

inline void sums_staged(StagedTile reference, StagedTile variant, std::int64_t count, Difference difference,
                        double* updates, PairState* state) {
  if (difference == Difference::kF32) {
    sums_staged_as<Difference::kF32>(reference, variant, count, updates, state);
  } else {
    sums_staged_as<Difference::kF64>(reference, variant, count, updates, state);
  }
}

/// Counts of one column of masks as bit planes: bit c of planes[p] is bit p of the count of column c.
inline constexpr int kCountPlanes = 4;
static_assert((std::int64_t{1} << kCountPlanes) - 1 == kMaskRows);

inline void add_to_planes(std::uint64_t mask, std::uint64_t* planes) {
  for (int plane = 0; plane < kCountPlanes; ++plane) {
    const std::uint64_t carry = planes[plane] & mask;
    planes[plane] ^= mask;
    mask = carry;
  }
}

/// counters[c] += number of the masks, one every `stride` words, whose bit c is set.
inline void count_64_columns(const std::uint64_t* masks, std::int64_t rows, std::int64_t stride,
                             std::uint32_t* counters) {
  std::uint64_t planes[kCountPlanes] = {};
  for (std::int64_t row = 0; row < rows; ++row) add_to_planes(masks[row * stride], planes);
  for (unsigned column = 0; column < 64; ++column) {
    std::uint64_t count = 0;
    for (unsigned plane = 0; plane < kCountPlanes; ++plane) count |= ((planes[plane] >> column) & 1U) << plane;
    counters[column] += static_cast<std::uint32_t>(count);
  }
}

inline std::uint64_t count_bits(const std::uint64_t* masks, std::int64_t words) {
  std::uint64_t bits = 0;
  for (std::int64_t word = 0; word < words; ++word) bits += static_cast<std::uint64_t>(std::popcount(masks[word]));
  return bits;
}

inline std::uint64_t count_common(const std::uint64_t* a, const std::uint64_t* b, std::int64_t words) {
  std::uint64_t bits = 0;
  for (std::int64_t word = 0; word < words; ++word)
    bits += static_cast<std::uint64_t>(std::popcount(a[word] & b[word]));
  return bits;
}

inline std::uint64_t ones_in(std::uint64_t bits) { return static_cast<std::uint64_t>(std::popcount(bits)); }

inline std::uint64_t ones_in(const Words& bits) {
  std::uint64_t ones = 0;
  for (int i = 0; i < kWidth; ++i) ones += ones_in(static_cast<std::uint64_t>(bits[i]));
  return ones;
}

/// One word of every mask, or as many as a register holds. How many masks an element is in lies in bit planes; cells[c]
/// are then the elements whose planes spell c.
template <int kPlanes, class Bits>
inline void add_agreement(const MaskSet& set, std::int64_t word, std::uint64_t* counts) {
  Bits planes[kPlanes] = {};
  for (int i = 0; i < set.size; ++i) {
    Bits carry;
    std::memcpy(&carry, set.masks[i] + word, sizeof carry);
    for (int plane = 0; plane < kPlanes; ++plane) {
      const Bits next = planes[plane] & carry;
      planes[plane] ^= carry;
      carry = next;
    }
  }
  Bits cells[1 << kPlanes];
  std::memcpy(&cells[0], set.valid + word, sizeof cells[0]);
  for (int plane = kPlanes - 1, known = 1; plane >= 0; --plane, known *= 2) {
    for (int i = known - 1; i >= 0; --i) {
      cells[2 * i + 1] = cells[i] & planes[plane];
      cells[2 * i] = cells[i] & ~planes[plane];
    }
  }
  for (int i = 0; i <= set.size; ++i) counts[i] += ones_in(cells[i]);
}

template <int kPlanes>
inline void count_agreement_in(const MaskSet& set, std::uint64_t* counts) {
  std::int64_t word = 0;
  for (; word + kWidth <= set.words; word += kWidth) add_agreement<kPlanes, Words>(set, word, counts);
  for (; word < set.words; ++word) add_agreement<kPlanes, std::uint64_t>(set, word, counts);
}

inline void count_agreement(const MaskSet& set, std::uint64_t* counts) {
  if (set.size < 4) return count_agreement_in<2>(set, counts);
  if (set.size < 8) return count_agreement_in<3>(set, counts);
  if (set.size < 16) return count_agreement_in<4>(set, counts);
  return count_agreement_in<kAgreementPlanes>(set, counts);
}

inline std::uint64_t sum_words(const std::byte* bytes, std::int64_t words) {
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < words; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + 8 * i, sizeof word);
    sum += word;
  }
  return sum;
}

}  // namespace
}  // namespace polarimeter
