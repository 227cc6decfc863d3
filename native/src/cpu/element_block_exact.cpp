#include "cpu/element_block_exact.h"

#include "cpu/element_block_portable.h"

namespace polarimeter {
namespace {

constexpr double kUlpOfPower = 0x1p-14;  // (2^-7)^2

bool is_finite_code(std::uint16_t code) { return (code & 0x7F80U) != 0x7F80U; }

/// w' - w rounded as the fast loops do, and in float64 where float32 would overflow.
double update_of(double variant, double reference, Difference difference) {
  if (difference == Difference::kF64) return variant - reference;
  const float narrow = static_cast<float>(variant) - static_cast<float>(reference);
  return std::isinf(narrow) ? variant - reference : static_cast<double>(narrow);
}

template <class Lane, std::size_t kCount>
double total(const Lane (&lanes)[kCount]) {
  double sum = 0;
  for (const Lane lane : lanes) sum += static_cast<double>(lane);
  return sum;
}

template <class Lane, std::size_t kCount>
std::uint64_t total_count(const Lane (&lanes)[kCount]) {
  std::uint64_t sum = 0;
  for (const Lane lane : lanes) sum += lane;
  return sum;
}

void add_codes(std::uint16_t reference, std::uint16_t variant, const Thresholds& thresholds, PairSums* sums) {
  const int distance = std::abs(ordered(variant) - ordered(reference));
  const float difference = std::fabs(float_of_bf16(variant) - float_of_bf16(reference));
  sums->changed += distance != 0 ? 1U : 0U;
  for (int plane = 0; plane < kStepPlanes; ++plane) sums->above[plane] += distance > (1 << plane) ? 1U : 0U;
  for (int t = 0; t < thresholds.padded; ++t) sums->beyond[t] += difference > thresholds.values[t] ? 1U : 0U;
}

}  // namespace

void PairSums::add(const PairSums& other) {
  n += other.n;
  invalid += other.invalid;
  changed += other.changed;
  changed_native += other.changed_native;
  for (int plane = 0; plane < kStepPlanes; ++plane) above[plane] += other.above[plane];
  for (int t = 0; t < kMaxThresholds; ++t) beyond[t] += other.beyond[t];
  sum_sq_reference += other.sum_sq_reference;
  sum_sq_variant += other.sum_sq_variant;
  sum_sq_update += other.sum_sq_update;
  dot_reference_update += other.dot_reference_update;
  sum_sq_ulp += other.sum_sq_ulp;
  max_abs_update = std::max(max_abs_update, other.max_abs_update);
}

PairSums sums_of_states(const ReferenceState& reference, const PairState& pair, std::int64_t count) {
  PairSums sums;
  sums.n = static_cast<std::uint64_t>(count);
  sums.changed = pair.changed;
  sums.changed_native = pair.changed_native;
  for (int plane = 0; plane < kStepPlanes; ++plane) sums.above[plane] = total_count(pair.above[plane]);
  for (int t = 0; t < kMaxThresholds; ++t) sums.beyond[t] = total_count(pair.beyond[t]);
  for (int i = 0; i < 64; ++i) {
    for (int plane = 0; plane <= 7 - i % 8; ++plane) sums.above[plane] += pair.step_bits[i];
    sums.beyond[i % 8] += pair.beyond_bits[i];
  }
  sums.sum_sq_reference = total(reference.sum_sq);
  sums.sum_sq_ulp = total(reference.sum_sq_power) * kUlpOfPower;
  sums.sum_sq_variant = total(pair.sum_sq_variant);
  sums.sum_sq_update = total(pair.sum_sq_update);
  sums.dot_reference_update = total(pair.dot_reference_update);
  sums.max_abs_update = *std::max_element(std::begin(pair.max_abs_update), std::end(pair.max_abs_update));
  return sums;
}

void exact_pair(StagedTile reference, StagedTile variant, std::int64_t count, Difference difference,
                const Thresholds& thresholds, std::uint64_t* changed, double* updates, PairSums* sums) {
  std::fill(changed, changed + (count + 63) / 64, std::uint64_t{0});
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint16_t a = reference.codes[i];
    const std::uint16_t b = variant.codes[i];
    updates[i] = 0;
    if (!is_finite_code(a) || !is_finite_code(b)) {
      ++sums->invalid;
      continue;
    }
    const double w = reference.values[i];
    const double v = variant.values[i];
    const double d = update_of(v, w, difference);
    updates[i] = d;
    ++sums->n;
    sums->changed_native += v != w ? 1U : 0U;
    sums->sum_sq_reference += w * w;
    sums->sum_sq_variant += v * v;
    sums->sum_sq_update += d * d;
    sums->dot_reference_update += w * d;
    const auto power = static_cast<double>(power_of_two_in(a));
    sums->sum_sq_ulp += power * power * kUlpOfPower;
    sums->max_abs_update = std::max(sums->max_abs_update, std::fabs(d));
    add_codes(a, b, thresholds, sums);
    if (ordered(a) != ordered(b)) changed[i / 64] |= std::uint64_t{1} << static_cast<unsigned>(i % 64);
  }
}

}  // namespace polarimeter
