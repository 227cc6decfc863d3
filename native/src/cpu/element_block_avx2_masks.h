#pragma once

// Included by element_block_avx2.cpp alone, inside its check of the instruction set.

#include <immintrin.h>

#include "cpu/element_block_portable.h"

namespace polarimeter {
namespace {  // NOLINT(google-build-namespaces)

__m256i load(const void* memory) { return _mm256_loadu_si256(static_cast<const __m256i*>(memory)); }
void store(void* memory, __m256i lanes) { _mm256_storeu_si256(static_cast<__m256i*>(memory), lanes); }

/// counters[c] += `weight` where bit c is set, 8 columns.
__m256i add_bits(__m256i counters, std::uint64_t bits, int weight) {
  const __m256i select = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const __m256i mine = _mm256_and_si256(_mm256_set1_epi32(static_cast<int>(bits & 0xFFU)), select);
  const __m256i hit = _mm256_cmpeq_epi32(mine, select);
  return _mm256_add_epi32(counters, _mm256_and_si256(hit, _mm256_set1_epi32(weight)));
}

void count_columns(const std::uint64_t* masks, std::int64_t rows, std::int64_t words, std::uint32_t* counters) {
  for (std::int64_t word = 0; word < words; ++word) {
    std::uint64_t planes[kCountPlanes] = {};
    for (std::int64_t row = 0; row < rows; ++row) add_to_planes(masks[row * words + word], planes);
    for (unsigned group = 0; group < 8; ++group) {
      std::uint32_t* const place = counters + 64 * word + 8 * group;
      __m256i counts = load(place);
      for (int plane = 0; plane < kCountPlanes; ++plane) {
        counts = add_bits(counts, planes[plane] >> (8 * group), 1 << plane);
      }
      store(place, counts);
    }
  }
}

std::uint64_t sum_words_avx2(const std::byte* bytes, std::int64_t words) {
  __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  std::int64_t i = 0;
  for (; i + 16 <= words; i += 16) {
    for (int part = 0; part < 4; ++part) sums[part] = _mm256_add_epi64(sums[part], load(bytes + 8 * i + 32 * part));
  }
  std::uint64_t lanes[4];
  store(lanes, _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]), _mm256_add_epi64(sums[2], sums[3])));
  return lanes[0] + lanes[1] + lanes[2] + lanes[3] + sum_words(bytes + 8 * i, words - i);
}

}  // namespace
}  // namespace polarimeter
