#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "core/index_permutation.h"
#include "planted_matrix.h"
#include "polarimeter/ops.h"

// What mask_overlap must count, by its definition and a sort of all entries.

namespace polarimeter::testing {

struct Selection {
  std::int64_t k = 1;
  double share = 0;
  std::uint64_t seed = 0;
};

/// x rounded to 8 significant bits, nearest even.
inline double nearest_bf16(double x) {
  if (x == 0) return 0;
  const double ulp = std::ldexp(1.0, std::max(std::ilogb(x), -126) - 7);
  return std::nearbyint(x / ulp) * ulp;
}

/// Small whole numbers throughout, no decomposition of anything: products are exact and full of ties.
inline Svd integer_svd(std::int64_t rows, std::int64_t cols, std::int64_t k, std::uint64_t seed) {
  Svd svd;
  svd.m = rows;
  svd.n = cols;
  std::mt19937_64 random(seed);
  const auto basis = [&](std::int64_t dim) {
    Basis made{dim, k, {}};
    for (std::int64_t i = 0; i < dim * k; ++i) made.values.push_back(static_cast<double>(random() % 5) - 2);
    return made;
  };
  svd.left_top = basis(rows);
  svd.right_top = basis(cols);
  for (std::int64_t i = 0; i < k; ++i) svd.sigma.push_back(std::ldexp(1.0, static_cast<int>(2 - i % 4)));
  return svd;
}

/// The `count` largest, of equal ones those with the lower index.
inline std::vector<bool> largest_of(const std::vector<float>& scores, std::size_t count) {
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<bool> mask(scores.size());
  for (std::size_t i = 0; i < count; ++i) mask[order[i]] = true;
  return mask;
}

inline std::size_t selected_of(std::size_t n, const Selection& selection) {
  return static_cast<std::size_t>(std::round(selection.share * static_cast<double>(n)));
}

inline std::vector<bool> principal_mask(const Svd& svd, const Selection& selection) {
  std::vector<float> scores;
  for (std::int64_t i = 0; i < svd.left_top.dim; ++i) {
    for (std::int64_t j = 0; j < svd.right_top.dim; ++j) {
      double sum = 0;
      for (std::int64_t r = 0; r < selection.k; ++r) {
        sum += svd.left_top.values[static_cast<std::size_t>(r * svd.left_top.dim + i)] *
               svd.sigma[static_cast<std::size_t>(r)] *
               svd.right_top.values[static_cast<std::size_t>(r * svd.right_top.dim + j)];
      }
      scores.push_back(std::fabs(static_cast<float>(sum)));
    }
  }
  return largest_of(scores, selected_of(scores.size(), selection));
}

inline std::vector<bool> low_mask(const Matrix& w, const Selection& selection) {
  std::vector<float> scores;
  for (const double x : w.values) scores.push_back(-std::fabs(static_cast<float>(x)));
  return largest_of(scores, selected_of(scores.size(), selection));
}

/// Biased exponent of the nearest bfloat16; 0 for zero and subnormal numbers.
inline std::size_t exponent_of(double x) {
  const double rounded = nearest_bf16(x);
  return rounded == 0 ? 0 : static_cast<std::size_t>(std::max(std::ilogb(rounded) + 127, 0));
}

inline MaskOverlap expected_masks(const Matrix& w, const Matrix& tuned, const Svd& svd, const Selection& selection) {
  const std::vector<bool> principal = principal_mask(svd, selection), low = low_mask(w, selection);
  const IndexPermutation moved(w.values.size(), selection.seed);
  MaskOverlap expected;
  expected.n = w.values.size();
  for (std::size_t i = 0; i < w.values.size(); ++i) {
    const auto from = static_cast<std::size_t>(moved(i));
    const double update = static_cast<float>(tuned.values[from] - w.values[from]);
    const bool changed = nearest_bf16(tuned.values[i]) != nearest_bf16(w.values[i]);
    const bool null_changed = nearest_bf16(w.values[i] + update) != nearest_bf16(w.values[i]);
    const auto add = [&](bool inside, MaskCounts* counts) {
      counts->size += inside ? 1U : 0U;
      counts->overlap += inside && changed ? 1U : 0U;
      counts->null_overlap += inside && null_changed ? 1U : 0U;
      counts->exponents[exponent_of(w.values[i])] += inside ? 1U : 0U;
    };
    add(principal[i], &expected.principal);
    add(low[i], &expected.low);
    add(principal[i] && !low[i], &expected.principal_not_low);
    expected.update += changed ? 1U : 0U;
    expected.exponents[exponent_of(w.values[i])] += 1;
    expected.null_update += null_changed ? 1U : 0U;
  }
  return expected;
}

}  // namespace polarimeter::testing
