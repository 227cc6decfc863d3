#pragma once

// Included by element_block_avx512.cpp alone, inside its check of the instruction set.

#include <immintrin.h>

#include "cpu/element_block_avx512_lanes.h"

namespace polarimeter {
namespace {  // NOLINT(google-build-namespaces)

/// Counts what is beyond each threshold, of magnitudes below 2. False, and nothing counted, when one of them agrees
/// with a threshold in all the bits that are compared.
bool count_beyond_by_table(const std::uint16_t* bits, std::int64_t count, const Thresholds& thresholds,
                           PairState* state) {
  const ByteTable passed(thresholds.passed);
  const ByteTable local(thresholds.local);
  const ByteTable mantissa(thresholds.mantissa);
  BitCounter counter;
  __m512i undecided = _mm512_setzero_si512();
  for (std::int64_t i = 0; i < count; i += 2 * kStride) {
    const __m512i first = _mm512_loadu_si512(bits + i);
    const __m512i second = _mm512_loadu_si512(bits + i + kStride);
    const __m512i exponents = every_other_byte(first, second, 1);
    const __m512i fractions = every_other_byte(first, second, 0);
    const __m512i own = local.at(exponents);
    const __m512i limits = mantissa.at(exponents);
    const __m512i lower = passed.at(exponents);
    const __mmask64 equal = _mm512_cmpeq_epi8_mask(fractions, limits);
    const __mmask64 above = _mm512_cmpgt_epu8_mask(fractions, limits);
    undecided = _mm512_or_si512(undecided, _mm512_maskz_mov_epi8(equal, own));
    counter.add(_mm512_or_si512(lower, _mm512_maskz_mov_epi8(above, own)));
  }
  if (_mm512_test_epi8_mask(undecided, undecided) != 0) return false;
  counter.store(state->beyond_bits);
  return true;
}

template <int kThresholds>
void count_beyond(__m512 magnitudes, const Thresholds& thresholds, __m512i* counts) {
  const __m512i one = _mm512_set1_epi32(1);
  for (int t = 0; t < kThresholds; ++t) {
    const __mmask16 more = _mm512_cmp_ps_mask(magnitudes, _mm512_set1_ps(thresholds.values[t]), _CMP_GT_OQ);
    counts[t] = _mm512_mask_add_epi32(counts[t], more, counts[t], one);
  }
}

template <int kThresholds>
void beyond_each(const std::byte* reference, const std::byte* variant, std::int64_t count, const Thresholds& thresholds,
                 PairState* state) {
  __m512i counts[kThresholds];
  for (__m512i& lanes : counts) lanes = _mm512_setzero_si512();
  for (std::int64_t i = 0; i < count; i += kStride) {
    const __m512i a = load_codes(reference, i);
    const __m512i b = load_codes(variant, i);
    count_beyond<kThresholds>(_mm512_abs_ps(_mm512_sub_ps(even_lanes(b), even_lanes(a))), thresholds, counts);
    count_beyond<kThresholds>(_mm512_abs_ps(_mm512_sub_ps(odd_lanes(b), odd_lanes(a))), thresholds, counts);
  }
  for (int t = 0; t < kThresholds; ++t) {
    _mm512_store_si512(state->beyond[t], _mm512_add_epi32(_mm512_load_si512(state->beyond[t]), counts[t]));
  }
}

void beyond_in_place(const std::byte* reference, const std::byte* variant, std::int64_t count,
                     const Thresholds& thresholds, PairState* state) {
  if (thresholds.padded == 4) beyond_each<4>(reference, variant, count, thresholds, state);
  if (thresholds.padded == 8) beyond_each<8>(reference, variant, count, thresholds, state);
}

}  // namespace
}  // namespace polarimeter
