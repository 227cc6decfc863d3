#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "polarimeter/ops.h"
#include "view_requests.h"

// JavaScript requests copied into plain structs, on the JavaScript thread. The operations check again what only they
// can know.

namespace polarimeter::addon {

enum class SvdMethod { kGramF64, kDirectF64 };

struct SvdJobRequest {
  SvdMethod method = SvdMethod::kGramF64;
  SvdRequest svd;
};

enum class BasisPart { kTop, kMiddle, kBottom };

/// Columns of one basis of a decomposition: the k leading ones of the top, the k trailing ones of the bottom, or the
/// whole middle.
struct BasisChoice {
  std::shared_ptr<const Svd> svd;
  bool left = true;
  BasisPart part = BasisPart::kTop;
  std::int64_t k = 0;

  /// The chosen columns, without a copy when they are all that there are; else held by `scratch`.
  const Basis& columns(Basis* scratch) const;
};

struct AnglesRequest {
  BasisChoice a;
  BasisChoice b;
};

struct FrameRequest {
  BasisChoice u;
  BasisChoice v;
  TensorView reference;
  TensorView variant;
};

struct MaskOverlapJobRequest {
  MaskOverlapRequest masks;
  std::shared_ptr<const Svd> svd;
};

ElementPassRequest element_pass_from(const Argument& request);
ChangeTileRequest change_tile_from(const Argument& request);
StepHistogramRequest step_histogram_from(const Argument& request);
WeightsAtRequest weights_at_from(const Argument& request);
SvdJobRequest svd_from_request(const Argument& request);
AnglesRequest angles_from(const Argument& request);
FrameRequest frame_from(const Argument& request);
MaskOverlapJobRequest mask_overlap_from(const Argument& request);
/// What the size of the workspace depends on: `reference` and `k`.
MaskOverlapRequest mask_overlap_size_from(const Argument& request);

}  // namespace polarimeter::addon
