#include <algorithm>
#include <bit>
#include <limits>

#include "cpu/element_block.h"

namespace polarimeter {
namespace {

constexpr std::size_t kBinades = 128;  // of biased exponents: |d| below 2

std::size_t binade(float value) { return std::bit_cast<std::uint32_t>(value) >> 23U; }

void fill_tables(const std::vector<float>& values, Thresholds* thresholds) {
  for (std::size_t t = 0; t < values.size(); ++t) {
    const std::size_t own = binade(values[t]);
    const auto bit = static_cast<std::uint8_t>(1U << t);
    thresholds->local[own] = bit;
    thresholds->mantissa[own] = static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(values[t]) >> 15U);
    for (std::size_t higher = own + 1; higher < kBinades; ++higher) thresholds->passed[higher] |= bit;
  }
}

}  // namespace

Thresholds make_thresholds(const std::vector<float>& values) {
  Thresholds thresholds;
  thresholds.padded = values.empty() ? 0 : values.size() <= 4 ? 4 : kMaxThresholds;
  std::fill(std::begin(thresholds.values), std::end(thresholds.values), std::numeric_limits<float>::infinity());
  std::copy(values.begin(), values.end(), std::begin(thresholds.values));
  const auto same = [](float a, float b) { return binade(a) == binade(b); };
  thresholds.by_table = !values.empty() && binade(values.back()) < kBinades &&
                        std::adjacent_find(values.begin(), values.end(), same) == values.end();
  if (thresholds.by_table) fill_tables(values, &thresholds);
  return thresholds;
}

}  // namespace polarimeter
