#include "core/index_permutation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using polarimeter::IndexPermutation;

namespace {

std::vector<std::uint64_t> places(std::uint64_t n, std::uint64_t seed) {
  const IndexPermutation permutation(n, seed);
  std::vector<std::uint64_t> found;
  for (std::uint64_t i = 0; i < n; ++i) found.push_back(permutation(i));
  return found;
}

}  // namespace

TEST_CASE("every index is met exactly once, whatever their number") {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t n = 1; n <= 70; ++n) sizes.push_back(n);
  for (const std::uint64_t n : {127, 128, 129, 1000, 4095, 4096, 4097, 65537, 300'007, 1 << 20}) sizes.push_back(n);
  for (const std::uint64_t n : sizes) {
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
      CAPTURE(n);
      CAPTURE(seed);
      std::vector<std::uint64_t> found = places(n, seed);
      std::sort(found.begin(), found.end());
      bool whole = true;
      for (std::uint64_t i = 0; i < n; ++i) whole = whole && found[i] == i;
      CHECK(whole);
    }
  }
}

TEST_CASE("indices of the largest range stay in it") {
  const std::uint64_t n = (std::uint64_t{1} << 53U) - 111;
  const IndexPermutation permutation(n, 7);
  std::set<std::uint64_t> found;
  for (std::uint64_t i = 0; i < 1000; ++i) found.insert(permutation(n - 1 - i));
  CHECK(found.size() == 1000);
  CHECK(*found.rbegin() < n);
}

TEST_CASE("the same seed gives the same permutation, another seed an unrelated one") {
  const std::uint64_t n = 100'000;
  CHECK(places(n, 3) == places(n, 3));
  const std::vector<std::uint64_t> a = places(n, 3), b = places(n, 4);
  std::uint64_t same = 0;
  for (std::size_t i = 0; i < n; ++i) same += a[i] == b[i] ? 1U : 0U;
  // One in expectation, Poisson: more than 12 in one of 10^9.
  CHECK(same <= 12);
}

TEST_CASE("places are spread evenly: rank correlation, fixed points and runs") {
  for (const std::uint64_t n : {50'000U, 65'536U, 131'073U}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const std::vector<std::uint64_t> found = places(n, seed);
      const double mean = static_cast<double>(n - 1) / 2;
      double covariance = 0;
      std::uint64_t fixed = 0, ascents = 0;
      for (std::size_t i = 0; i < n; ++i) {
        covariance += (static_cast<double>(i) - mean) * (static_cast<double>(found[i]) - mean);
        fixed += found[i] == i ? 1U : 0U;
        if (i > 0) ascents += found[i] > found[i - 1] ? 1U : 0U;
      }
      const double size = static_cast<double>(n), variance = (size * size - 1) / 12;
      // Deviations of a random permutation: 1 / sqrt(n - 1) of the correlation, sqrt((n + 1) / 12) of the ascents.
      CHECK(std::abs(covariance / size / variance) <= 5 / std::sqrt(size - 1));
      CHECK(std::abs(static_cast<double>(ascents) - (size - 1) / 2) <= 5 * std::sqrt((size + 1) / 12));
      CHECK(fixed <= 12);
    }
  }
}
