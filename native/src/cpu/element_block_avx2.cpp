#include "cpu/element_block.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>

#include "cpu/change_columns.h"
#include "cpu/element_block_avx2_masks.h"
#include "cpu/element_block_portable.h"

namespace polarimeter {
namespace {

constexpr std::int64_t kStride = 16;  // bf16 elements in a register
// Float32 sums are handed to float64 after this many registers: at most 16 roundings each, 16 * 2^-24 < 1e-6.
constexpr std::int64_t kShortSum = 16;

__m256i load_codes(const std::byte* codes, std::int64_t i) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + 2 * i));
}

__m256 even_lanes(__m256i codes) { return _mm256_castsi256_ps(_mm256_slli_epi32(codes, 16)); }
__m256 odd_lanes(__m256i codes) {
  return _mm256_castsi256_ps(_mm256_and_si256(codes, _mm256_set1_epi32(static_cast<int>(0xFFFF0000U))));
}
__m256 magnitude(__m256 x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), x); }

/// Two short float32 sums, of even and of odd elements, that become float64 lanes.
struct ShortSums {
  __m256 even = _mm256_setzero_ps();
  __m256 odd = _mm256_setzero_ps();

  void multiply(__m256 x_even, __m256 y_even, __m256 x_odd, __m256 y_odd) {
    even = _mm256_fmadd_ps(x_even, y_even, even);
    odd = _mm256_fmadd_ps(x_odd, y_odd, odd);
  }
};

/// kLanes float64 sums.
struct LongSums {
  __m256d low = _mm256_setzero_pd();
  __m256d high = _mm256_setzero_pd();

  void add(const ShortSums& sums) {
    const __m256 both = _mm256_add_ps(sums.even, sums.odd);
    low = _mm256_add_pd(low, _mm256_cvtps_pd(_mm256_castps256_ps128(both)));
    high = _mm256_add_pd(high, _mm256_cvtps_pd(_mm256_extractf128_ps(both, 1)));
  }
  void store_to(double* lanes) const {
    _mm256_storeu_pd(lanes, _mm256_add_pd(_mm256_loadu_pd(lanes), low));
    _mm256_storeu_pd(lanes + 4, _mm256_add_pd(_mm256_loadu_pd(lanes + 4), high));
  }
};

/// Codes on one line in the order of their values, both zeros at 0.
__m256i ordered_lanes(__m256i codes) {
  return _mm256_sign_epi16(_mm256_and_si256(codes, _mm256_set1_epi16(0x7FFF)), codes);
}

void reference_bf16(const std::byte* reference, std::int64_t count, std::int16_t* ordered, ReferenceState* state) {
  const __m256i power_bits = _mm256_set1_epi16(0x7F80);
  LongSums sum_sq;
  LongSums sum_sq_power;
  for (std::int64_t first = 0; first < count; first += kShortSum * kStride) {
    const std::int64_t end = std::min(first + kShortSum * kStride, count);
    ShortSums squares;
    ShortSums powers;
    for (std::int64_t i = first; i < end; i += kStride) {
      const __m256i w = load_codes(reference, i);
      const __m256i power = _mm256_and_si256(w, power_bits);
      squares.multiply(even_lanes(w), even_lanes(w), odd_lanes(w), odd_lanes(w));
      powers.multiply(even_lanes(power), even_lanes(power), odd_lanes(power), odd_lanes(power));
      store(ordered + i, ordered_lanes(w));
    }
    sum_sq.add(squares);
    sum_sq_power.add(powers);
  }
  sum_sq.store_to(state->sum_sq);
  sum_sq_power.store_to(state->sum_sq_power);
}

void store_largest(__m256 largest, PairState* state) {
  alignas(32) float lanes[kLanes];
  _mm256_store_ps(lanes, largest);
  for (int lane = 0; lane < kLanes; ++lane) {
    state->max_abs_update[lane] = std::max(state->max_abs_update[lane], static_cast<double>(lanes[lane]));
  }
}

/// Sums over a tile of a pair.
void sums(const PairTile& tile, PairState* state) {
  LongSums sum_sq_variant;
  LongSums sum_sq_update;
  LongSums dot;
  __m256 largest = _mm256_setzero_ps();
  for (std::int64_t first = 0; first < tile.count; first += kShortSum * kStride) {
    const std::int64_t end = std::min(first + kShortSum * kStride, tile.count);
    ShortSums squares;
    ShortSums updates;
    ShortSums products;
    for (std::int64_t i = first; i < end; i += kStride) {
      const __m256i a = load_codes(tile.reference, i);
      const __m256i b = load_codes(tile.variant, i);
      const __m256 even = _mm256_sub_ps(even_lanes(b), even_lanes(a));
      const __m256 odd = _mm256_sub_ps(odd_lanes(b), odd_lanes(a));
      squares.multiply(even_lanes(b), even_lanes(b), odd_lanes(b), odd_lanes(b));
      updates.multiply(even, even, odd, odd);
      products.multiply(even_lanes(a), even, odd_lanes(a), odd);
      largest = _mm256_max_ps(largest, _mm256_max_ps(magnitude(even), magnitude(odd)));
      if (tile.updates != nullptr) {
        _mm256_storeu_ps(tile.updates + i, even);
        _mm256_storeu_ps(tile.updates + i + 8, odd);
      }
    }
    sum_sq_variant.add(squares);
    sum_sq_update.add(updates);
    dot.add(products);
  }
  sum_sq_variant.store_to(state->sum_sq_variant);
  sum_sq_update.store_to(state->sum_sq_update);
  dot.store_to(state->dot_reference_update);
  store_largest(largest, state);
}

template <int kThresholds>
void beyond_each(const std::byte* reference, const std::byte* variant, std::int64_t count, const Thresholds& thresholds,
                 PairState* state) {
  __m256i counts[kThresholds];
  for (__m256i& lanes : counts) lanes = _mm256_setzero_si256();
  for (std::int64_t i = 0; i < count; i += kStride) {
    const __m256i a = load_codes(reference, i);
    const __m256i b = load_codes(variant, i);
    const __m256 even = magnitude(_mm256_sub_ps(even_lanes(b), even_lanes(a)));
    const __m256 odd = magnitude(_mm256_sub_ps(odd_lanes(b), odd_lanes(a)));
    for (int t = 0; t < kThresholds; ++t) {
      const __m256 limit = _mm256_set1_ps(thresholds.values[t]);
      // A comparison that holds is -1.
      counts[t] = _mm256_sub_epi32(counts[t], _mm256_castps_si256(_mm256_cmp_ps(even, limit, _CMP_GT_OQ)));
      counts[t] = _mm256_sub_epi32(counts[t], _mm256_castps_si256(_mm256_cmp_ps(odd, limit, _CMP_GT_OQ)));
    }
  }
  for (int t = 0; t < kThresholds; ++t) store(state->beyond[t], _mm256_add_epi32(load(state->beyond[t]), counts[t]));
}

void beyond_in_place(const std::byte* reference, const std::byte* variant, std::int64_t count,
                     const Thresholds& thresholds, PairState* state) {
  if (thresholds.padded == 4) beyond_each<4>(reference, variant, count, thresholds, state);
  if (thresholds.padded == 8) beyond_each<8>(reference, variant, count, thresholds, state);
}

/// |a - b| - 1 for a != b, 0 for a == b. A distance beyond 2^15 wraps to one that is still above 256.
__m256i steps_past_one(__m256i a, __m256i b) {
  return _mm256_subs_epu16(_mm256_abs_epi16(_mm256_sub_epi16(a, b)), _mm256_set1_epi16(1));
}

/// Adds the bytes of `counts` up to four of the lanes.
void store_byte_counts(std::uint64_t* lanes, __m256i counts) {
  store(lanes, _mm256_add_epi64(load(lanes), _mm256_sad_epu8(counts, _mm256_setzero_si256())));
}

/// 32 elements that differ, as bits in their order.
std::uint32_t changed_32(__m256i a0, __m256i a1, __m256i b0, __m256i b1) {
  const __m256i equal = _mm256_packs_epi16(_mm256_cmpeq_epi16(a0, b0), _mm256_cmpeq_epi16(a1, b1));
  // Packing works within 128-bit halves: their quarters come out as 0 2 1 3.
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_permute4x64_epi64(equal, 0b11011000)));
}

void steps_in_place(const std::int16_t* ordered, const std::byte* variant, std::int64_t count, std::uint64_t* changed,
                    PairState* state) {
  constexpr int kBytePlanes = kStepPlanes - 1;
  static_assert(kTileElements / (2 * kStride) < 256);  // a byte counts one for each turn
  __m256i above[kBytePlanes];
  for (__m256i& plane : above) plane = _mm256_setzero_si256();
  __m256i far = _mm256_setzero_si256();
  for (std::int64_t i = 0; i < count; i += 2 * kStride) {
    const __m256i a0 = load(ordered + i);
    const __m256i a1 = load(ordered + i + kStride);
    const __m256i b0 = ordered_lanes(load_codes(variant, i));
    const __m256i b1 = ordered_lanes(load_codes(variant, i + kStride));
    const std::uint64_t mask = changed_32(a0, a1, b0, b1);
    changed[i / 64] = i % 64 == 0 ? mask : changed[i / 64] | (mask << 32U);
    const __m256i s0 = steps_past_one(a0, b0);
    const __m256i s1 = steps_past_one(a1, b1);
    const __m256i high = _mm256_packus_epi16(_mm256_srli_epi16(s0, 8), _mm256_srli_epi16(s1, 8));
    far = _mm256_add_epi8(far, _mm256_min_epu8(high, _mm256_set1_epi8(1)));
    const __m256i bytes = _mm256_packus_epi16(s0, s1);
    for (int plane = 0; plane < kBytePlanes; ++plane) {
      const __m256i least = _mm256_set1_epi8(static_cast<char>(1 << plane));
      above[plane] = _mm256_sub_epi8(above[plane], _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, least), bytes));
    }
  }
  for (int plane = 0; plane < kBytePlanes; ++plane) store_byte_counts(state->above[plane], above[plane]);
  store_byte_counts(state->above[kBytePlanes], far);
  state->changed += count_bits(changed, count / 64);
}

void dot_f32(const float* x, const float* y, std::int64_t count, double* lanes) {
  LongSums sum;
  for (std::int64_t first = 0; first < count; first += kShortSum * kStride) {
    const std::int64_t end = std::min(first + kShortSum * kStride, count);
    ShortSums products;
    for (std::int64_t i = first; i < end; i += kStride) {
      products.multiply(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i), _mm256_loadu_ps(x + i + 8),
                        _mm256_loadu_ps(y + i + 8));
    }
    sum.add(products);
  }
  sum.store_to(lanes);
}

void pair_bf16(const PairTile& asked, const Thresholds& thresholds, PairState* state) {
  alignas(32) float own_updates[kTileElements];
  PairTile tile = asked;
  if (tile.updates == nullptr && tile.earlier[0] != nullptr) tile.updates = own_updates;
  sums(tile, state);
  beyond_in_place(tile.reference, tile.variant, tile.count, thresholds, state);
  steps_in_place(tile.ordered, tile.variant, tile.count, tile.changed, state);
  for (int k = 0; k < kEarlier && tile.earlier[k] != nullptr; ++k) {
    dot_f32(tile.earlier[k], tile.updates, tile.count, tile.earlier_dots[k]);
  }
}

void steps(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count, std::uint64_t* changed,
           PairState* state) {
  std::int16_t ordered[kTileElements];
  for (std::int64_t i = 0; i < count; i += kStride) store(ordered + i, ordered_lanes(load(reference + i)));
  steps_in_place(ordered, reinterpret_cast<const std::byte*>(variant), count, changed, state);
}

void beyond(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count,
            const Thresholds& thresholds, PairState* state) {
  beyond_in_place(reinterpret_cast<const std::byte*>(reference), reinterpret_cast<const std::byte*>(variant), count,
                  thresholds, state);
}

}  // namespace

const ElementKernels* element_kernels_avx2() {
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
      .count_columns = count_columns,
      .count_bits = count_bits,
      .count_common = count_common,
      .count_agreement = count_agreement,
      .sum_words = sum_words_avx2,
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

const ElementKernels* element_kernels_avx2() { return nullptr; }

}  // namespace polarimeter

#endif
