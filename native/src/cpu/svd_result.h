#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cpu/blas.h"
#include "cpu/long_side.h"
#include "polarimeter/job.h"
#include "polarimeter/ops.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// top, middle, bottom >= 0, and none of them reaches into another. fails kInvalidArgument
Status check_request(const SvdRequest& request);

/// Consecutive singular values, counted from the largest.
struct SpectrumPart {
  std::int64_t first = 0;
  std::int64_t count = 0;

  std::int64_t end() const { return first + count; }
};

/// The triplets that a request wants with vectors.
struct SpectrumParts {
  SpectrumPart top, middle, bottom;

  explicit SpectrumParts(const SvdRequest& request);
  std::array<SpectrumPart, 3> descending() const { return {top, middle, bottom}; }
  std::int64_t count() const { return top.count + middle.count + bottom.count; }
  std::int64_t largest() const;
  /// The values of all parts, joined.
  std::vector<double> of(const std::vector<double>& all) const;
};

/// A step that ended badly because a file was changed under it says so; a good one is discarded for the same reason.
Status unless_changed(const RowReader& reader, Status status);

/// Triplets in the orientation of LongSide, as computed: the bases of all parts joined, in descending order.
struct JoinedBases {
  const double* short_basis = nullptr;  ///< d x count
  const double* long_basis = nullptr;   ///< L x count
  const SpectrumParts& parts;
};

/// Splits the bases into left and right, top, middle and bottom, and measures their orthogonality. fails kOutOfMemory
/// kCancelled
Status store_bases(const Blas& blas, const JoinedBases& bases, Svd* svd, Control& control);

/// Undoes the scale of the reader and fills what follows from all singular values: sigma, trace_error.
/// in    scaled  descending; energy |W|_F^2, both as the reader scaled them
/// fails kNotFinite where the largest singular value exceeds float64
Status store_values(const RowReader& reader, const std::vector<double>& scaled, double energy, Svd* svd);

}  // namespace polarimeter
