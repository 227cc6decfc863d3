#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace polarimeter {

/// As LargestKeys, for 64-bit keys: the `count` largest of a sequence that is gone through five times in one order,
/// once for each 16 bits and once to take them. Of equal keys the first ones are taken.
class LargestWideKeys {
 public:
  static constexpr int kDigits = 4;

  explicit LargestWideKeys(std::uint64_t count) : wanted_(count), counts_(kBins) {}

  void count(std::uint64_t key) {
    if ((key & settled_) == least_) ++counts_[key >> shift_ & (kBins - 1U)];
  }

  /// After each time through but the last.
  void settle() {
    std::size_t bin = counts_.size() - 1;
    for (; bin > 0 && counts_[bin] < wanted_; --bin) wanted_ -= counts_[bin];
    least_ |= std::uint64_t{bin} << shift_;
    settled_ |= std::uint64_t{kBins - 1U} << shift_;
    if (shift_ > 0) shift_ -= kBits;
    counts_.assign(kBins, 0);
  }

  bool take(std::uint64_t key) {
    const bool last = key == least_ && wanted_ > 0;
    wanted_ -= last ? 1U : 0U;
    return last || key > least_;
  }

 private:
  static constexpr unsigned kBits = 16;
  static constexpr std::size_t kBins = std::size_t{1} << kBits;

  std::uint64_t wanted_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t settled_ = 0;
  std::uint64_t least_ = 0;
  unsigned shift_ = 48;
};

}  // namespace polarimeter
