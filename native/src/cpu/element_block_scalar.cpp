#include "cpu/change_columns.h"
#include "cpu/element_block_portable.h"

namespace polarimeter {
namespace {

void steps(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count, std::uint64_t* changed,
           PairState* state) {
  std::uint64_t exactly[kStepPlanes + 1] = {};
  for (std::int64_t word = 0; word < count / 64; ++word) {
    std::uint64_t mask = 0;
    for (std::int64_t bit = 0; bit < 64; ++bit) {
      const std::int64_t i = 64 * word + bit;
      const int distance = std::abs(ordered(variant[i]) - ordered(reference[i]));
      if (distance == 0) continue;
      mask |= std::uint64_t{1} << bit;
      ++exactly[std::min(static_cast<int>(std::bit_width(static_cast<unsigned>(distance - 1))), kStepPlanes)];
    }
    changed[word] = mask;
    state->changed += static_cast<std::uint64_t>(std::popcount(mask));
  }
  std::uint64_t above = 0;
  for (int plane = kStepPlanes - 1; plane >= 0; --plane) {
    above += exactly[plane + 1];
    state->above[plane][0] += above;
  }
}

void beyond(const std::uint16_t* reference, const std::uint16_t* variant, std::int64_t count,
            const Thresholds& thresholds, PairState* state) {
  for (int t = 0; t < thresholds.padded; ++t) {
    std::uint32_t more = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      const float distance = std::fabs(float_of_bf16(variant[i]) - float_of_bf16(reference[i]));
      more += distance > thresholds.values[t] ? 1U : 0U;
    }
    state->beyond[t][0] += more;
  }
}

void count_columns(const std::uint64_t* masks, std::int64_t rows, std::int64_t words, std::uint32_t* counters) {
  for (std::int64_t word = 0; word < words; ++word) count_64_columns(masks + word, rows, words, counters + 64 * word);
}

}  // namespace

const ElementKernels* element_kernels_scalar() {
  static constexpr ElementKernels kKernels = {
      .reference_bf16 = nullptr,
      .pair_bf16 = nullptr,
      .dot_f32 = nullptr,
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
      .sum_words = sum_words,
      .all_finite = all_finite,
      .add_changed = add_changed,
      .add_directions = add_directions,
      .widen_steps = widen_steps,
      .step_cells = step_cells,
      .bf16_in_place = false,
  };
  return &kKernels;
}

}  // namespace polarimeter
