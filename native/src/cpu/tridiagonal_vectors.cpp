#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "cpu/advance.h"
#include "cpu/tridiagonal.h"

namespace polarimeter {
namespace {

// dstemr takes about 0.11 s for 128 vectors at n = 4096 and cannot be interrupted.
constexpr int kGroup = 128;
constexpr double kSafeGap = 16;

/// Where the group that starts at `first` ends: at the widest gap in the second half of its allowance, or at the first
/// safe gap after it.
int group_end(const std::vector<double>& values, int first, int end) {
  if (end - first <= kGroup) return end;
  const auto gap = [&](int i) { return values[static_cast<std::size_t>(i)] - values[static_cast<std::size_t>(i - 1)]; };
  const double norm = std::max(std::abs(values.front()), std::abs(values.back()));
  const double safe = kSafeGap * static_cast<double>(values.size()) * std::numeric_limits<double>::epsilon() * norm;
  int best = first + kGroup / 2;
  for (int i = best + 1; i <= first + kGroup; ++i) {
    if (gap(i) > gap(best)) best = i;
  }
  while (best < end && gap(best) <= safe) ++best;
  return best;
}

}  // namespace

Status tridiagonal_vectors(const Blas& blas, const Tridiagonal& t, VectorRange* range, Control& control) {
  const int n = t.size(), end = range->first + range->count;
  std::vector<double> found_values(t.diagonal.size());
  for (int first = range->first; first < end; ++range->groups) {
    const int next = group_end(t.values, first, end), wanted = next - first;
    std::vector<double> diagonal = t.diagonal, off = t.off;
    int found = 0;
    double* z = range->z + static_cast<std::ptrdiff_t>(first - range->first) * n;
    const int info = blas.stemr(n, diagonal.data(), off.data(), first + 1, next, found_values.data(), z, &found);
    if (info != 0 || found != wanted) {
      return Status::Error(Code::kNoConvergence, "dstemr found " + std::to_string(found) + " of " +
                                                     std::to_string(wanted) + " eigenvectors (info " +
                                                     std::to_string(info) + ").");
    }
    Status status = advance(control, 0);
    if (!status.ok()) return status;
    first = next;
  }
  return Status::Ok();
}

}  // namespace polarimeter
