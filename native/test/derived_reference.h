#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "core/widen.h"
#include "matrix_file.h"
#include "polarimeter/derivation.h"

namespace polarimeter::testing {

/// Elements [first, first + count) of a view, widened; checks that reading succeeds.
inline std::vector<double> read_range(const TensorView& view, std::int64_t first, std::int64_t count) {
  std::vector<double> scratch(static_cast<std::size_t>(count) + 1), out(static_cast<std::size_t>(count));
  const std::byte* bytes = nullptr;
  const Status status = view.read(first, count, reinterpret_cast<std::byte*>(scratch.data()), &bytes);
  CHECK_MESSAGE(status.ok(), status.message);
  if (status.ok()) widen(view.dtype, bytes, count, out.data());
  return out;
}

inline std::vector<double> read_all(const TensorView& view) { return read_range(view, 0, view.elements()); }

inline bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

/// Whether ranges of all lengths, from all over a view, are the same bits as in one reading of the whole.
inline bool cuts_agree(const TensorView& view, unsigned seed) {
  const std::vector<double> whole = read_all(view);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    const auto first = static_cast<std::int64_t>(random() % whole.size());
    const auto most = static_cast<std::int64_t>(whole.size()) - first;
    const std::int64_t count = 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
    const std::vector<double> expected(whole.begin() + first, whole.begin() + first + count);
    if (!same_bits(read_range(view, first, count), expected)) return false;
  }
  return true;
}

/// The same elements, plainly stored: what operations on the view are compared with.
inline MatrixFile materialised(const TensorView& view) {
  Matrix matrix(view.rows, view.cols);
  matrix.values = read_all(view);
  return {matrix, view.dtype};
}

}  // namespace polarimeter::testing
