#pragma once

// Included by element_block_avx512.cpp alone, inside its check of the instruction set.

#include <immintrin.h>

#include <numeric>

#include "cpu/element_block_portable.h"

namespace polarimeter {
namespace {  // NOLINT(google-build-namespaces)

/// 512 columns of masks, 8 words of each.
void count_512_columns(const std::uint64_t* masks, std::int64_t rows, std::int64_t stride, std::uint32_t* counters) {
  __m512i planes[kCountPlanes] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                                  _mm512_setzero_si512()};
  for (std::int64_t row = 0; row < rows; ++row) {
    __m512i mask = _mm512_loadu_si512(masks + row * stride);
    for (__m512i& plane : planes) {
      const __m512i carry = _mm512_and_si512(plane, mask);
      plane = _mm512_xor_si512(plane, mask);
      mask = carry;
    }
  }
  alignas(64) std::uint16_t bits[kCountPlanes][32];
  for (int plane = 0; plane < kCountPlanes; ++plane) _mm512_store_si512(bits[plane], planes[plane]);
  for (int group = 0; group < 32; ++group) {
    __m512i sums = _mm512_loadu_si512(counters + 16 * group);
    for (int plane = 0; plane < kCountPlanes; ++plane) {
      sums = _mm512_mask_add_epi32(sums, bits[plane][group], sums, _mm512_set1_epi32(1 << plane));
    }
    _mm512_storeu_si512(counters + 16 * group, sums);
  }
}

void count_columns_avx512(const std::uint64_t* masks, std::int64_t rows, std::int64_t words, std::uint32_t* counters) {
  std::int64_t word = 0;
  for (; word + 8 <= words; word += 8) count_512_columns(masks + word, rows, words, counters + 64 * word);
  for (; word < words; ++word) count_64_columns(masks + word, rows, words, counters + 64 * word);
}

std::uint64_t count_bits_avx512(const std::uint64_t* masks, std::int64_t words) {
  __m512i sums = _mm512_setzero_si512();
  std::int64_t word = 0;
  for (; word + kLanes <= words; word += kLanes) {
    const __m512i counts = _mm512_popcnt_epi8(_mm512_loadu_si512(masks + word));
    sums = _mm512_add_epi64(sums, _mm512_sad_epu8(counts, _mm512_setzero_si512()));
  }
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(sums)) + count_bits(masks + word, words - word);
}

std::uint64_t sum_words_avx512(const std::byte* bytes, std::int64_t words) {
  __m512i sums[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
  std::int64_t i = 0;
  for (; i + 32 <= words; i += 32) {
    for (int part = 0; part < 4; ++part) {
      sums[part] = _mm512_add_epi64(sums[part], _mm512_loadu_si512(bytes + 8 * i + 64 * part));
    }
  }
  alignas(64) std::uint64_t lanes[kLanes];
  _mm512_store_si512(lanes, _mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]), _mm512_add_epi64(sums[2], sums[3])));
  return std::accumulate(std::begin(lanes), std::end(lanes), sum_words(bytes + 8 * i, words - i));
}

}  // namespace
}  // namespace polarimeter
