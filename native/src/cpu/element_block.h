#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "polarimeter/ops.h"

// The inner loops of the element pass: one table of functions per instruction set, all over one tile of elements.
//
// A block is a run of consecutive elements, a tile a piece of it that stays in the first-level cache while several
// loops run over it. Tiles are padded with zeros to a multiple of kTileQuantum elements: padding is unchanged and zero,
// and so counts in nothing that a state holds. No loop looks for NaN or infinity. A NaN, an infinity or a magnitude
// that the arithmetic cannot carry shows in the block's sums of squares, and the block is then done again by
// exact_pair.

namespace polarimeter {

inline constexpr std::int64_t kTileElements = 1024;
inline constexpr std::int64_t kTileQuantum = 64;
inline constexpr int kMaxThresholds = 8;
inline constexpr int kLanes = 8;
inline constexpr std::int64_t kMaskRows = 15;
inline constexpr int kStepPlanes = 9;  // code distances above 1, 2, 4, ... 256

/// Sums over one block of the reference, spread over lanes that are added up in order at the end.
struct alignas(64) ReferenceState {
  double sum_sq[kLanes] = {};
  double sum_sq_power[kLanes] = {};  ///< sum of 4^e, e the exponent of b(w): sum_sq_ulp times 2^14
};

/// Sums and counts over one block of a reference and a variant. Integer counts lie where the instruction set likes
/// them; sums_of_states adds up all places.
struct alignas(64) PairState {
  double sum_sq_variant[kLanes] = {};
  double sum_sq_update[kLanes] = {};
  double dot_reference_update[kLanes] = {};
  double max_abs_update[kLanes] = {};
  std::uint64_t above[kStepPlanes][kLanes] = {};          ///< elements more than 2^j code steps apart
  std::uint32_t beyond[kMaxThresholds][2 * kLanes] = {};  ///< elements with |b(w') - b(w)| > threshold
  /// At i, with j = 7 - i % 8: elements 2^j + 1 to 2^(j+1) code steps apart, and all that are further for j = 7.
  std::uint16_t step_bits[64] = {};
  std::uint16_t beyond_bits[64] = {};  ///< at i: as beyond, threshold i % 8
  std::uint64_t changed = 0;           ///< elements with b(w') != b(w)
  std::uint64_t changed_native = 0;    ///< only by sums_staged
};

/// Ascending, padded with infinity to 0, 4 or 8 entries.
struct Thresholds {
  int padded = 0;
  float values[kMaxThresholds] = {};

  /// A way to compare with all of them at once: where no two of them lie in one binade and all are below 2, the biased
  /// exponent of |d| decides on all but one, and the next 8 bits of |d| on that one unless they are equal to its own.
  bool by_table = false;
  alignas(64) std::uint8_t passed[128] = {};    ///< bits of the thresholds in lower binades
  alignas(64) std::uint8_t local[128] = {};     ///< bit of the threshold in this binade, or 0
  alignas(64) std::uint8_t mantissa[128] = {};  ///< the first 8 bits of its mantissa
};

Thresholds make_thresholds(const std::vector<float>& values);

/// A tile of one view that is not bf16, or not on its own: exact values and bf16 codes. Both point to kTileElements.
struct StagedTile {
  double* values = nullptr;
  std::uint16_t* codes = nullptr;
};

inline constexpr int kEarlier = 2;

/// A tile of a bf16 pair in place.
struct PairTile {
  const std::byte* reference = nullptr;
  const std::byte* variant = nullptr;
  const std::int16_t* ordered = nullptr;  ///< the reference's, from reference_bf16
  std::int64_t count = 0;
  std::uint64_t* changed = nullptr;  ///< receives the changed mask, bit i of it is element i
  float* updates = nullptr;          ///< (count) receives w' - w, in any fixed order; null when nobody asks
  /// The updates of up to kEarlier other variants, with which dot products are taken; the first null ends the list.
  const float* earlier[kEarlier] = {};
  double* earlier_dots[kEarlier] = {};  ///< kLanes each
};

/// Where the update is rounded to float32: pairs of bf16, as their fast loops do.
enum class Difference { kF32, kF64 };

inline constexpr int kAgreementPlanes = 7;
inline constexpr int kMostAgreeing = (1 << kAgreementPlanes) - 1;

/// Masks of one run of elements, 64 a word.
struct MaskSet {
  const std::uint64_t* const* masks = nullptr;
  int size = 0;                          ///< at most kMostAgreeing
  const std::uint64_t* valid = nullptr;  ///< the elements that count
  std::int64_t words = 0;
};

/// Counters of neighbouring columns, with room for a multiple of kTileQuantum of them. Nobody asks for those that are
/// null.
struct ChangeColumns {
  std::uint16_t* changed = nullptr;
  std::uint16_t* up = nullptr;
  std::int16_t* highest = nullptr;
  std::int16_t* lowest = nullptr;
};

struct ElementKernels {
  // Loops over bf16 codes in place, at any byte address. Counts are multiples of kTileQuantum.
  /// `ordered` (count) receives the codes on one line in the order of their values.
  void (*reference_bf16)(const std::byte* reference, std::int64_t count, std::int16_t* ordered, ReferenceState* state);
  void (*pair_bf16)(const PairTile& tile, const Thresholds& thresholds, PairState* state);
  /// lanes[l] += sum of x y over some of the elements.
  void (*dot_f32)(const float* x, const float* y, std::int64_t count, double* lanes);

  // Loops over staged tiles.
  void (*widen)(DType dtype, const std::byte* source, std::int64_t count, StagedTile tile);
  void (*reference_staged)(StagedTile reference, std::int64_t count, ReferenceState* state);
  void (*sums_staged)(StagedTile reference, StagedTile variant, std::int64_t count, Difference difference,
                      double* updates, PairState* state);
  /// Code distances and the changed mask: bit i of `changed` is element i.
  void (*steps)(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count,
                std::uint64_t* changed, PairState* state);
  void (*beyond)(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count,
                 const Thresholds& thresholds, PairState* state);
  void (*dot_f64)(const double* x, const double* y, std::int64_t count, double* lanes);

  // Bit masks, 64 elements a word.
  /// counters[c] += number of the `rows` masks, at most kMaskRows, whose bit c is set; a mask has `words` words and the
  /// next one starts `words` later. 64 * words counters.
  void (*count_columns)(const std::uint64_t* masks, std::int64_t rows, std::int64_t words, std::uint32_t* counters);
  std::uint64_t (*count_bits)(const std::uint64_t* masks, std::int64_t words);
  std::uint64_t (*count_common)(const std::uint64_t* a, const std::uint64_t* b, std::int64_t words);
  /// counts[c] += number of valid elements that are in exactly c of the masks; size + 1 counts.
  void (*count_agreement)(const MaskSet& set, std::uint64_t* counts);

  std::uint64_t (*sum_words)(const std::byte* bytes, std::int64_t words);

  // Loops over one row of bf16 codes, at any byte address; all but the first over finite codes alone.
  bool (*all_finite)(const std::byte* codes, std::int64_t count);
  /// changed += whether the value differs.
  void (*add_changed)(const std::byte* reference, const std::byte* variant, std::int64_t count,
                      const ChangeColumns& columns);
  /// changed += whether the value differs, up += whether it grew.
  void (*add_directions)(const std::byte* reference, const std::byte* variant, std::int64_t count,
                         const ChangeColumns& columns);
  /// highest and lowest steps, cut to +-32767.
  void (*widen_steps)(const std::byte* reference, const std::byte* variant, std::int64_t count,
                      const ChangeColumns& columns);
  /// Exponent of the reference times 2 kStepBins, plus kStepBins where the variant is below it, plus the bin of the
  /// steps. `cells` has room for a multiple of kTileQuantum.
  void (*step_cells)(const std::byte* reference, const std::byte* variant, std::int64_t count, std::uint16_t* cells);

  /// Whether the bf16 loops exist; without them bf16 is staged too.
  bool bf16_in_place = false;
};

/// Null when this build has no such instruction set.
const ElementKernels* element_kernels_scalar();
const ElementKernels* element_kernels_avx2();
const ElementKernels* element_kernels_avx512();

/// The table of an instruction set that isa_available.
const ElementKernels& element_kernels(Isa isa);

}  // namespace polarimeter
