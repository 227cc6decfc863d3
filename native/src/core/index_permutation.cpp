#include "core/index_permutation.h"

#include <bit>

namespace polarimeter {
namespace {

/// The next number of splitmix64: neighbouring seeds give unrelated keys.
std::uint64_t next_key(std::uint64_t* state) {
  *state += 0x9E3779B97F4A7C15U;
  std::uint64_t x = *state;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

std::uint64_t low_ones(unsigned bits) { return (std::uint64_t{1} << bits) - 1U; }

}  // namespace

IndexPermutation::IndexPermutation(std::uint64_t n, std::uint64_t seed) : n_(n) {
  const auto bits = n < 2 ? 0U : static_cast<unsigned>(std::bit_width(n - 1));
  low_bits_ = bits - bits / 2;
  low_mask_ = low_ones(low_bits_);
  high_mask_ = low_ones(bits / 2);
  for (std::uint64_t& key : keys_) key = next_key(&seed);
}

}  // namespace polarimeter
