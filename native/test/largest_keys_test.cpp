#include "core/largest_keys.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using polarimeter::LargestKeys;

namespace {

std::vector<bool> taken(const std::vector<std::uint32_t>& keys, std::uint64_t count) {
  LargestKeys largest(count);
  for (const std::uint32_t key : keys) largest.count_high(key);
  largest.settle_high();
  for (const std::uint32_t key : keys) largest.count_low(key);
  largest.settle_low();
  std::vector<bool> result;
  for (const std::uint32_t key : keys) result.push_back(largest.take(key));
  return result;
}

/// By a sort, ties to the lower index.
std::vector<bool> expected(const std::vector<std::uint32_t>& keys, std::uint64_t count) {
  std::vector<std::size_t> order(keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] > keys[b]; });
  std::vector<bool> result(keys.size());
  for (std::size_t i = 0; i < count; ++i) result[order[i]] = true;
  return result;
}

}  // namespace

TEST_CASE("exactly the largest are taken, of equal ones the first") {
  std::mt19937 random(1);
  for (const std::uint32_t most : {1U, 3U, 0xFFFFU, 0x10000U, 0x12345U, 0x7FFFFFFFU}) {
    for (const std::size_t size : {1U, 2U, 100U, 5000U}) {
      std::uniform_int_distribution<std::uint32_t> value(0, most);
      std::vector<std::uint32_t> keys(size);
      for (auto& key : keys) key = value(random);
      for (const std::size_t count : {std::size_t{0}, std::size_t{1}, size / 3, size / 2, size - 1, size}) {
        CAPTURE(most);
        CAPTURE(size);
        CAPTURE(count);
        CHECK(taken(keys, count) == expected(keys, count));
      }
    }
  }
}

TEST_CASE("keys that share a half, and equal ones throughout") {
  const std::vector<std::vector<std::uint32_t>> sequences = {
      {0x00010000, 0x0000FFFF, 0x00010000, 0x00010001, 0x00020000, 0x0001FFFF},
      std::vector<std::uint32_t>(1000, 0),
      std::vector<std::uint32_t>(1000, 0x7FFFFFFF),
      {0, 0x7FFFFFFF, 0, 0x7FFFFFFF, 0}};
  for (const auto& keys : sequences) {
    for (std::size_t count = 0; count <= keys.size(); ++count) CHECK(taken(keys, count) == expected(keys, count));
  }
  CHECK(taken({}, 0).empty());
}
