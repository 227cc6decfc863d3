#pragma once

#include <array>
#include <cstdint>

namespace polarimeter {

/// Philox 4x32-10: 128 bits that follow from a counter and a key, and depend on nothing else.
/// from  Salmon, Moraes, Dror & Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC11
inline std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

/// The two 64-bit words number 2 pair and 2 pair + 1 of the stream of a seed.
inline std::array<std::uint64_t, 2> random_pair(std::uint64_t pair, std::uint64_t seed) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32U); };
  const auto words = philox({low(pair), high(pair), 0, 0}, {low(seed), high(seed)});
  return {std::uint64_t{words[1]} << 32U | words[0], std::uint64_t{words[3]} << 32U | words[2]};
}

}  // namespace polarimeter
