#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace polarimeter {

/// The `count` largest of a sequence of 31-bit keys that is gone through three times in one order: for their high
/// halves, for their low halves, and to take them. Of equal keys the first ones are taken. Nothing is sorted and no key
/// is kept. The bits of float32 magnitudes are such keys.
class LargestKeys {
 public:
  explicit LargestKeys(std::uint64_t count) : wanted_(count), high_(1U << kHighBits), low_(1U << kLowBits) {}

  void count_high(std::uint32_t key) { ++high_[key >> kLowBits]; }

  /// Between the first time through and the second.
  void settle_high() { high_half_ = find(high_); }

  void count_low(std::uint32_t key) { low_[key & kLowMask] += key >> kLowBits == high_half_ ? 1U : 0U; }

  /// Between the second time through and the third.
  void settle_low() { least_ = wanted_ == 0 ? ~std::uint32_t{0} : high_half_ << kLowBits | find(low_); }

  bool take(std::uint32_t key) {
    const bool last = key == least_ && wanted_ > 0;
    wanted_ -= last ? 1U : 0U;
    return last || key > least_;
  }

  static constexpr std::uint64_t kBytes = sizeof(std::uint64_t) * ((1U << 15U) + (1U << 16U));

 private:
  static constexpr std::uint32_t kHighBits = 15;
  static constexpr std::uint32_t kLowBits = 16;
  static constexpr std::uint32_t kLowMask = (1U << kLowBits) - 1U;

  /// The bin that holds the key number `wanted_` from above; what is still wanted of that bin remains.
  std::uint32_t find(const std::vector<std::uint64_t>& counts) {
    std::size_t bin = counts.size() - 1;
    for (; bin > 0 && counts[bin] < wanted_; --bin) wanted_ -= counts[bin];
    return static_cast<std::uint32_t>(bin);
  }

  std::uint64_t wanted_;
  std::vector<std::uint64_t> high_;
  std::vector<std::uint64_t> low_;
  std::uint32_t high_half_ = 0;
  std::uint32_t least_ = 0;
};

}  // namespace polarimeter
