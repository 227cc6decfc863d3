#include "cpu/element_block.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    defined(__AVX512BF16__) && defined(__AVX512VBMI__) && defined(__AVX512BITALG__) && defined(__GFNI__)

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the "undefined" registers inside its own intrinsics for variables of ours (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "cpu/change_columns.h"
#include "cpu/element_block_avx512_beyond.h"
#include "cpu/element_block_avx512_lanes.h"
#include "cpu/element_block_avx512_masks.h"
#include "cpu/element_block_portable.h"

namespace polarimeter {
namespace {

/// Codes on one line in the order of their values, both zeros at 0. Without mask registers, which are slower here.
__m512i ordered_lanes(__m512i codes) {
  const __m512i sign = _mm512_srai_epi16(codes, 15);
  // codes ^ (sign & 0x7FFF), then one up for negative ones: 0x8000 + m becomes -m.
  const __m512i flipped = _mm512_ternarylogic_epi64(codes, sign, _mm512_set1_epi16(0x7FFF), 0x78);
  return _mm512_sub_epi16(flipped, sign);
}

void reference_bf16(const std::byte* reference, std::int64_t count, std::int16_t* ordered, ReferenceState* state) {
  const __m512i power_bits = _mm512_set1_epi16(0x7F80);
  __m512d sum_sq = _mm512_setzero_pd();
  __m512d sum_sq_power = _mm512_setzero_pd();
  for (std::int64_t first = 0; first < count; first += kShortSum * kStride) {
    const std::int64_t end = std::min(first + kShortSum * kStride, count);
    __m512 squares[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    __m512 powers[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    for (std::int64_t i = first; i < end; i += 2 * kStride) {
      for (std::int64_t half = 0; half < 2; ++half) {
        prefetch_ahead(reference, i + half * kStride);
        const __m512i w = load_codes(reference, i + half * kStride);
        const __m512i power = _mm512_and_si512(w, power_bits);
        squares[half] = _mm512_dpbf16_ps(squares[half], as_bf16(w), as_bf16(w));
        powers[half] = _mm512_dpbf16_ps(powers[half], as_bf16(power), as_bf16(power));
        _mm512_storeu_si512(ordered + i + half * kStride, ordered_lanes(w));
      }
    }
    add_to_lanes(_mm512_add_ps(squares[0], squares[1]), &sum_sq);
    add_to_lanes(_mm512_add_ps(powers[0], powers[1]), &sum_sq_power);
  }
  store_sum(state->sum_sq, sum_sq);
  store_sum(state->sum_sq_power, sum_sq_power);
}

/// The 16 bits below the sign of every update, in the elements' order: biased exponent, first 8 bits of the mantissa.
__m512i magnitude_bits(__m512 even, __m512 odd) {
  const __m512i low = _mm512_srli_epi32(_mm512_castps_si512(even), 15);
  const __m512i high = _mm512_slli_epi32(_mm512_castps_si512(odd), 1);
  return _mm512_mask_blend_epi16(0xAAAAAAAAU, low, high);
}

/// The updates of 32 elements: those of even and those of odd place.
struct Updates {
  __m512 even;
  __m512 odd;
};

/// Sums over kShortSum registers of a pair, in float32.
template <int kDots>
struct PairShortSums {
  __m512 squares[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  ShortSums updates;
  ShortSums products;
  ShortSums between[kEarlier];

  /// `half` says which of two chains of additions takes these 32 elements.
  Updates add(int half, __m512i reference, __m512i variant, const float* const* earlier, std::int64_t i) {
    const __m512 w_even = even_lanes(reference);
    const __m512 w_odd = odd_lanes(reference);
    const __m512 even = _mm512_sub_ps(even_lanes(variant), w_even);
    const __m512 odd = _mm512_sub_ps(odd_lanes(variant), w_odd);
    squares[half] = _mm512_dpbf16_ps(squares[half], as_bf16(variant), as_bf16(variant));
    updates.multiply(half, even, even, odd, odd);
    products.multiply(half, w_even, even, w_odd, odd);
#pragma GCC unroll 2
    for (int k = 0; k < kDots; ++k) {
      between[k].multiply(half, even, _mm512_loadu_ps(earlier[k] + i), odd, _mm512_loadu_ps(earlier[k] + i + 16));
    }
    return {even, odd};
  }
};

/// Sums over a tile of a pair, in float64.
template <int kDots>
struct PairLongSums {
  __m512d sum_sq_variant = _mm512_setzero_pd();
  __m512d sum_sq_update = _mm512_setzero_pd();
  __m512d dot = _mm512_setzero_pd();
  __m512d dots[kEarlier] = {_mm512_setzero_pd(), _mm512_setzero_pd()};

  void add(const PairShortSums<kDots>& sums) {
    add_to_lanes(_mm512_add_ps(sums.squares[0], sums.squares[1]), &sum_sq_variant);
    sums.updates.add_to(&sum_sq_update);
    sums.products.add_to(&dot);
    for (int k = 0; k < kDots; ++k) sums.between[k].add_to(&dots[k]);
  }
  void store(const PairTile& tile, PairState* state) const {
    store_sum(state->sum_sq_variant, sum_sq_variant);
    store_sum(state->sum_sq_update, sum_sq_update);
    store_sum(state->dot_reference_update, dot);
    for (int k = 0; k < kDots; ++k) store_sum_unaligned(tile.earlier_dots[k], dots[k]);
  }
};

/// Sums over a tile of a pair, and its largest magnitudes; `bits` (count) receives magnitude_bits.
template <int kDots>
__m512 sums(const PairTile& tile, std::uint16_t* bits, PairState* state) {
  PairLongSums<kDots> long_sums;
  __m512 largest[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  // Copies, since the compiler must take stores of updates for stores to the tile's own fields.
  const std::byte* const reference = tile.reference;
  const std::byte* const variant = tile.variant;
  float* const kept = tile.updates;
  const float* const earlier[kEarlier] = {tile.earlier[0], tile.earlier[1]};
  for (std::int64_t first = 0; first < tile.count; first += kShortSum * kStride) {
    const std::int64_t end = std::min(first + kShortSum * kStride, tile.count);
    PairShortSums<kDots> short_sums;
    for (std::int64_t begin = first; begin < end; begin += 2 * kStride) {
#pragma GCC unroll 2
      for (int half = 0; half < 2; ++half) {
        const std::int64_t i = begin + half * kStride;
        prefetch_ahead(variant, i);
        const auto [even, odd] = short_sums.add(half, load_codes(reference, i), load_codes(variant, i), earlier, i);
        largest[0] = larger(largest[0], even);
        largest[1] = larger(largest[1], odd);
        _mm512_storeu_si512(bits + i, magnitude_bits(even, odd));
        if (kept != nullptr) {
          _mm512_storeu_ps(kept + i, even);
          _mm512_storeu_ps(kept + i + 16, odd);
        }
      }
    }
    long_sums.add(short_sums);
  }
  long_sums.store(tile, state);
  const __m512 both = larger(largest[0], largest[1]);
  store_largest(state, both);
  return both;
}

/// |a - b| - 1 for a != b, 0 for a == b. A distance beyond 2^15 wraps to one that is still above 256.
__m512i steps_past_one(__m512i a, __m512i b) {
  return _mm512_subs_epu16(_mm512_abs_epi16(_mm512_sub_epi16(a, b)), _mm512_set1_epi16(1));
}

/// The highest set bit of each byte, in reversed order: bit 7 - j for bit j.
__m512i highest_bits(__m512i bytes) {
  const __m512i reversed =
      _mm512_gf2p8affine_epi64_epi8(bytes, _mm512_set1_epi64(static_cast<long long>(0x8040201008040201U)), 0);
  return _mm512_and_si512(reversed, _mm512_sub_epi8(_mm512_setzero_si512(), reversed));
}

/// 64 elements: their part of the changed mask, and their distances to the counters.
std::uint64_t step_64(const std::int16_t* ordered, const std::byte* variant, BitCounter* counter, __m512i* far) {
  const __m512i a0 = load_once(ordered);
  const __m512i a1 = load_once(ordered + kStride);
  const __m512i b0 = ordered_lanes(load_codes(variant, 0));
  const __m512i b1 = ordered_lanes(load_codes(variant, kStride));
  const __m512i s0 = steps_past_one(a0, b0);
  const __m512i s1 = steps_past_one(a1, b1);
  counter->add(highest_bits(_mm512_packus_epi16(s0, s1)));
  *far = _mm512_add_epi8(*far, _mm512_min_epu8(every_other_byte(s0, s1, 1), _mm512_set1_epi8(1)));
  return _cvtmask64_u64(_mm512_kunpackd(_mm512_cmpneq_epi16_mask(a1, b1), _mm512_cmpneq_epi16_mask(a0, b0)));
}

void steps_in_place(const std::int16_t* ordered, const std::byte* variant, std::int64_t count, std::uint64_t* changed,
                    PairState* state) {
  BitCounter counter;
  __m512i far = _mm512_setzero_si512();
  std::uint64_t changes = 0;
  for (std::int64_t i = 0; i < count; i += 2 * kStride) {
    const std::uint64_t mask = step_64(ordered + i, variant + 2 * i, &counter, &far);
    changed[i / 64] = mask;
    changes += static_cast<std::uint64_t>(std::popcount(mask));
  }
  counter.store(state->step_bits);
  store_byte_counts(state->above[kStepPlanes - 1], far);
  state->changed += changes;
}

__m512 sums_with_dots(const PairTile& tile, std::uint16_t* bits, PairState* state) {
  if (tile.earlier[0] == nullptr) return sums<0>(tile, bits, state);
  if (tile.earlier[1] == nullptr) return sums<1>(tile, bits, state);
  return sums<2>(tile, bits, state);
}

void pair_bf16(const PairTile& tile, const Thresholds& thresholds, PairState* state) {
  alignas(64) std::uint16_t bits[kTileElements];
  const __m512 largest = sums_with_dots(tile, bits, state);
  const bool small = _mm512_cmp_ps_mask(largest, _mm512_set1_ps(2.0F), _CMP_NLT_UQ) == 0;
  if (!thresholds.by_table || !small || !count_beyond_by_table(bits, tile.count, thresholds, state)) {
    beyond_in_place(tile.reference, tile.variant, tile.count, thresholds, state);
  }
  steps_in_place(tile.ordered, tile.variant, tile.count, tile.changed, state);
}

void steps(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count, std::uint64_t* changed,
           PairState* state) {
  std::int16_t ordered[kTileElements];
  for (std::int64_t i = 0; i < count; i += kStride) {
    _mm512_storeu_si512(ordered + i, ordered_lanes(_mm512_loadu_si512(reference + i)));
  }
  steps_in_place(ordered, reinterpret_cast<const std::byte*>(variant), count, changed, state);
}

void beyond(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count,
            const Thresholds& thresholds, PairState* state) {
  beyond_in_place(reinterpret_cast<const std::byte*>(reference), reinterpret_cast<const std::byte*>(variant), count,
                  thresholds, state);
}

void dot_f32(const float* x, const float* y, std::int64_t count, double* lanes) {
  __m512d sum = _mm512_setzero_pd();
  for (std::int64_t first = 0; first < count; first += kShortSum * kStride) {
    const std::int64_t end = std::min(first + kShortSum * kStride, count);
    ShortSums short_sums;
    for (std::int64_t i = first; i < end; i += 2 * kStride) {
#pragma GCC unroll 4
      for (int part = 0; part < 4; ++part) {
        __m512& short_sum = short_sums.parts[part];
        short_sum = _mm512_fmadd_ps(_mm512_loadu_ps(x + i + 16 * part), _mm512_loadu_ps(y + i + 16 * part), short_sum);
      }
    }
    short_sums.add_to(&sum);
  }
  store_sum_unaligned(lanes, sum);
}

}  // namespace

const ElementKernels* element_kernels_avx512() {
  static constexpr ElementKernels kKernels = {
      .reference_bf16 = reference_bf16,
      .pair_bf16 = pair_bf16,
      .dot_f32 = dot_f32,
      .widen = widen,
      .reference_staged = reference_staged,
      .sums_staged = sums_staged,
      .steps = steps,
      .beyond = beyond,
      .dot_f64 = dot_f64,
      .count_columns = count_columns_avx512,
      .count_bits = count_bits_avx512,
      .count_common = count_common,
      .count_agreement = count_agreement,
      .sum_words = sum_words_avx512,
      .all_finite = all_finite,
      .add_changed = add_changed,
      .add_directions = add_directions,
      .widen_steps = widen_steps,
      .step_cells = step_cells,
      .bf16_in_place = true,
  };
  return &kKernels;
}

}  // namespace polarimeter

#else

namespace polarimeter {

const ElementKernels* element_kernels_avx512() { return nullptr; }

}  // namespace polarimeter

#endif
