#pragma once

#include <array>
#include <cstdint>

namespace polarimeter {

/// A permutation of the numbers below n that follows from n and a seed and takes no memory: a Feistel network over the
/// least power of two that holds them, repeated until it ends below n again.
/// from  Black & Rogaway, Ciphers with Arbitrary Finite Domains, CT-RSA 2002
class IndexPermutation {
 public:
  /// n at most 2^53.
  IndexPermutation(std::uint64_t n, std::uint64_t seed);

  /// `index` below n.
  std::uint64_t operator()(std::uint64_t index) const {
    do {
      index = scrambled(index);
    } while (index >= n_);
    return index;
  }

 private:
  static constexpr std::size_t kRounds = 8;

  static std::uint64_t mixed(std::uint64_t half, std::uint64_t key) {
    std::uint64_t x = (half ^ key) * 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 32U)) * 0xD6E8FEB86659FD93U;
    return x >> 32U;
  }

  /// Halves in turn take on a function of the other: each step can be undone, so that no two indices meet.
  std::uint64_t scrambled(std::uint64_t index) const {
    std::uint64_t high = index >> low_bits_;
    std::uint64_t low = index & low_mask_;
    for (std::size_t round = 0; round < kRounds; round += 2) {
      high ^= mixed(low, keys_[round]) & high_mask_;
      low ^= mixed(high, keys_[round + 1]) & low_mask_;
    }
    return high << low_bits_ | low;
  }

  std::uint64_t n_;
  unsigned low_bits_ = 0;
  std::uint64_t low_mask_ = 0;
  std::uint64_t high_mask_ = 0;
  std::array<std::uint64_t, kRounds> keys_{};
};

}  // namespace polarimeter
