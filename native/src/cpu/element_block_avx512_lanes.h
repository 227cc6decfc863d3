#pragma once

// Included by element_block_avx512.cpp alone, inside its check of the instruction set.

#include <immintrin.h>

#include <array>

#include "cpu/element_block_portable.h"

namespace polarimeter {
namespace {  // NOLINT(google-build-namespaces)

constexpr std::int64_t kStride = 32;  // bf16 elements in a register
// Float32 sums are handed to float64 after this many registers: at most 16 roundings each, 16 * 2^-24 < 1e-6.
constexpr std::int64_t kShortSum = 16;

/// Asks for what is two tiles further on. The processor's own prefetching stops at the end of a page, and the loops
/// over a tile take too long for its first misses to overlap with the tile before.
void prefetch_ahead(const std::byte* codes, std::int64_t i) {
  _mm_prefetch(reinterpret_cast<const char*>(codes + 2 * (i + 2 * kTileElements)), _MM_HINT_T0);
}

/// One load. Left to itself, the compiler reads memory again for every use, and what lies across two cache lines, as
/// tensors in a file mostly do, costs twice each time.
__m512i load_once(const void* memory) {
  __m512i lanes = _mm512_loadu_si512(memory);
  asm("" : "+v"(lanes));
  return lanes;
}

__m512i load_codes(const std::byte* codes, std::int64_t i) { return load_once(codes + 2 * i); }
__m512 even_lanes(__m512i codes) { return _mm512_castsi512_ps(_mm512_slli_epi32(codes, 16)); }
__m512 odd_lanes(__m512i codes) {
  return _mm512_castsi512_ps(_mm512_and_si512(codes, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))));
}
__m512bh as_bf16(__m512i codes) { return reinterpret_cast<__m512bh>(codes); }

/// lanes[l] += sums[l] + sums[l + 8]
void add_to_lanes(__m512 sums, __m512d* lanes) {
  const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(sums));
  const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(sums, 1));
  *lanes = _mm512_add_pd(*lanes, _mm512_add_pd(low, high));
}

void store_sum(double* lanes, __m512d sum) { _mm512_store_pd(lanes, _mm512_add_pd(_mm512_load_pd(lanes), sum)); }

void store_sum_unaligned(double* lanes, __m512d sum) {
  _mm512_storeu_pd(lanes, _mm512_add_pd(_mm512_loadu_pd(lanes), sum));
}

void store_largest(PairState* state, __m512 largest) {
  const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(largest));
  const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(largest, 1));
  const __m512d before = _mm512_load_pd(state->max_abs_update);
  _mm512_store_pd(state->max_abs_update, _mm512_max_pd(before, _mm512_max_pd(low, high)));
}

/// lanes[l] += the bytes of counts in 64-bit lane l
void store_byte_counts(std::uint64_t* lanes, __m512i counts) {
  const __m512i sums = _mm512_sad_epu8(counts, _mm512_setzero_si512());
  _mm512_store_si512(lanes, _mm512_add_epi64(_mm512_load_si512(lanes), sums));
}

/// Four short float32 sums that become one float64 sum.
struct ShortSums {
  __m512 parts[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};

  void multiply(int half, __m512 x_even, __m512 y_even, __m512 x_odd, __m512 y_odd) {
    parts[2 * half] = _mm512_fmadd_ps(x_even, y_even, parts[2 * half]);
    parts[2 * half + 1] = _mm512_fmadd_ps(x_odd, y_odd, parts[2 * half + 1]);
  }
  void add_to(__m512d* lanes) const {
    add_to_lanes(_mm512_add_ps(_mm512_add_ps(parts[0], parts[1]), _mm512_add_ps(parts[2], parts[3])), lanes);
  }
};

/// The larger magnitude of two.
__m512 larger(__m512 a, __m512 b) { return _mm512_range_ps(a, b, 0b1011); }

/// counts[8 q + i] += set bits i of the bytes of 64-bit lane q.
class BitCounter {
 public:
  void add(__m512i bytes) {
    // Transposes the 8 x 8 bits of each lane: byte i holds bit i of all eight bytes.
    const __m512i unit = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201U));
    const __m512i planes = _mm512_gf2p8affine_epi64_epi8(unit, bytes, 0);
    counts_ = _mm512_add_epi8(counts_, _mm512_popcnt_epi8(planes));
  }
  void store(std::uint16_t* counts) const {
    add_to(counts, _mm512_castsi512_si256(counts_));
    add_to(counts + 32, _mm512_extracti64x4_epi64(counts_, 1));
  }

 private:
  static_assert(kTileElements / 64 * 8 < 256);  // a byte grows by up to 8 for each 64 elements
  static void add_to(std::uint16_t* counts, __m256i bytes) {
    _mm512_storeu_si512(counts, _mm512_add_epi16(_mm512_loadu_si512(counts), _mm512_cvtepu8_epi16(bytes)));
  }
  __m512i counts_ = _mm512_setzero_si512();
};

/// 128 bytes that 7 bits choose from.
struct ByteTable {
  explicit ByteTable(const std::uint8_t* bytes) : low(_mm512_load_si512(bytes)), high(_mm512_load_si512(bytes + 64)) {}
  __m512i at(__m512i indices) const { return _mm512_permutex2var_epi8(low, indices, high); }
  __m512i low;
  __m512i high;
};

/// Bytes 2 i + `odd` of two registers.
__m512i every_other_byte(__m512i first, __m512i second, int odd) {
  alignas(64) static constexpr auto kIndices = [] {
    std::array<std::array<std::uint8_t, 64>, 2> indices = {};
    for (std::size_t i = 0; i < 64; ++i) {
      indices[0][i] = static_cast<std::uint8_t>(2 * i);
      indices[1][i] = static_cast<std::uint8_t>(2 * i + 1);
    }
    return indices;
  }();
  return _mm512_permutex2var_epi8(first, _mm512_load_si512(kIndices[static_cast<std::size_t>(odd)].data()), second);
}

}  // namespace
}  // namespace polarimeter
