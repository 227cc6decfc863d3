#pragma once

#include <cstdint>

#include "cpu/blas.h"
#include "cpu/long_side.h"
#include "polarimeter/job.h"
#include "polarimeter/ops.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// top, bottom >= 0 and top + bottom <= min(m, n). fails kInvalidArgument
Status check_request(const SvdRequest& request);

/// A step that ended badly because a file was changed under it says so; a good one is discarded for the same reason.
Status unless_changed(const RowReader& reader, Status status);

/// top + bottom triplets in the orientation of LongSide, as computed: bases joined, top first, each part descending.
struct JoinedBases {
  const double* short_basis = nullptr;  ///< d x (top + bottom)
  const double* long_basis = nullptr;   ///< L x (top + bottom)
  std::int64_t top = 0;
  std::int64_t bottom = 0;
};

/// Splits the bases into left and right, top and bottom, and measures their orthogonality. fails kOutOfMemory
/// kCancelled
Status store_bases(const Blas& blas, const JoinedBases& bases, Svd* svd, Control& control);

/// Undoes the scale of the reader and fills what follows from all singular values: sigma, trace_error.
/// in    scaled  descending; energy |W|_F^2, both as the reader scaled them
/// fails kNotFinite where the largest singular value exceeds float64
Status store_values(const RowReader& reader, const std::vector<double>& scaled, double energy, Svd* svd);

}  // namespace polarimeter
