#include "requests.h"

#include <algorithm>
#include <array>
#include <utility>

#include "handles.h"

namespace polarimeter::addon {
namespace {

constexpr std::uint32_t kMaxVariants = 64;
constexpr std::uint32_t kMaxThresholds = 8;

constexpr std::array<const char*, 3> kPartNames = {"top", "middle", "bottom"};

const Basis& whole_basis(const Svd& svd, bool left, BasisPart part) {
  if (part == BasisPart::kTop) return left ? svd.left_top : svd.right_top;
  if (part == BasisPart::kMiddle) return left ? svd.left_middle : svd.right_middle;
  return left ? svd.left_bottom : svd.right_bottom;
}

BasisChoice basis_choice(std::shared_ptr<const Svd> svd, bool left, BasisPart part, const Argument& k) {
  const std::int64_t count = whole_basis(*svd, left, part).count;
  if (count == 0) {
    k.refuse(std::string("a decomposition with ") + kPartNames[static_cast<std::size_t>(part)] + " vectors");
  }
  // Fewer vectors of the middle would have another centre.
  return {std::move(svd), left, part, k.integer(part == BasisPart::kMiddle ? count : 1, count)};
}

std::vector<TensorView> variants_from(const Argument& request) {
  std::vector<TensorView> variants;
  for (const Argument& view : request.field("variants").items(1, kMaxVariants)) {
    variants.push_back(tensor_view_from(view));
  }
  return variants;
}

Isa isa_from(const Argument& request) {
  static constexpr std::array<Isa, 3> kIsas = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};
  const Argument isa = request.field("isa");
  const Isa chosen = isa.absent() ? best_isa() : kIsas[isa.choice({"scalar", "avx2", "avx512"})];
  if (!isa_available(chosen)) isa.refuse("an instruction set that this processor has");
  return chosen;
}

BasisChoice basis_choice_from(const Argument& choice) {
  const bool left = choice.field("side").choice({"left", "right"}) == 0;
  const auto part = static_cast<BasisPart>(choice.field("part").choice({"top", "middle", "bottom"}));
  return basis_choice(svd_from(choice.field("svd")), left, part, choice.field("k"));
}

}  // namespace

const Basis& BasisChoice::columns(Basis* scratch) const {
  const Basis& whole = whole_basis(*svd, left, part);
  if (k == whole.count) return whole;
  const auto first = whole.values.begin() + (part == BasisPart::kTop ? 0 : (whole.count - k) * whole.dim);
  scratch->dim = whole.dim;
  scratch->count = k;
  scratch->values.assign(first, first + k * whole.dim);
  return *scratch;
}

ElementPassRequest element_pass_from(const Argument& request) {
  ElementPassRequest result;
  result.reference = tensor_view_from(request.field("reference"));
  result.variants = variants_from(request);
  for (const Argument& threshold : request.field("bf16_thresholds").items(0, kMaxThresholds)) {
    result.bf16_thresholds.push_back(static_cast<float>(threshold.magnitude()));
  }
  result.profiles = request.field("profiles").flag();
  if (const Argument overlaps = request.field("overlaps"); !overlaps.absent()) result.overlaps = overlaps.flag();
  result.isa = isa_from(request);
  return result;
}

ChangeTileRequest change_tile_from(const Argument& request) {
  static constexpr std::array<ChangeReduction, 4> kReductions = {
      ChangeReduction::kSteps, ChangeReduction::kDensity, ChangeReduction::kDirection, ChangeReduction::kConsensus};
  ChangeTileRequest result;
  result.reference = tensor_view_from(request.field("reference"));
  result.variants = variants_from(request);
  const auto [rows, cols] = std::pair(result.reference.rows, result.reference.cols);
  result.row = request.field("row").integer(0, rows - 1);
  result.col = request.field("col").integer(0, cols - 1);
  result.rows = request.field("rows").integer(1, rows - result.row);
  result.cols = request.field("cols").integer(1, cols - result.col);
  result.level = static_cast<int>(request.field("level").integer(0, kHighestLevel));
  result.reduction = kReductions[request.field("reduce").choice({"steps", "density", "direction", "consensus"})];
  result.isa = isa_from(request);
  return result;
}

StepHistogramRequest step_histogram_from(const Argument& request) {
  return {tensor_view_from(request.field("reference")), tensor_view_from(request.field("variant")), isa_from(request)};
}

WeightsAtRequest weights_at_from(const Argument& request) {
  WeightsAtRequest result;
  result.reference = tensor_view_from(request.field("reference"));
  result.variants = variants_from(request);
  result.row = request.field("row").integer(0, result.reference.rows - 1);
  result.col = request.field("col").integer(0, result.reference.cols - 1);
  return result;
}

SvdJobRequest svd_from_request(const Argument& request) {
  SvdJobRequest result;
  result.method =
      request.field("method").choice({"gram_f64", "direct_f64"}) == 0 ? SvdMethod::kGramF64 : SvdMethod::kDirectF64;
  result.svd.w = tensor_view_from(request.field("w"));
  if (const Argument minus = request.field("minus"); !minus.absent()) result.svd.minus = tensor_view_from(minus);
  const std::int64_t shorter = std::min(result.svd.w.rows, result.svd.w.cols);
  result.svd.top = request.field("top").integer(0, shorter);
  result.svd.bottom = request.field("bottom").integer(0, shorter - result.svd.top);
  if (const Argument middle = request.field("middle"); !middle.absent()) {
    // The most that end before the bottom and begin after the top, with one more below the centre than above.
    const std::int64_t most = std::min(shorter - 2 * result.svd.top, shorter - 2 * result.svd.bottom + 1);
    result.svd.middle = middle.integer(0, std::clamp<std::int64_t>(most, 0, shorter));
  }
  return result;
}

AnglesRequest angles_from(const Argument& request) {
  return {basis_choice_from(request.field("a")), basis_choice_from(request.field("b"))};
}

FrameRequest frame_from(const Argument& request) {
  const std::shared_ptr<const Svd> svd = svd_from(request.field("svd"));
  const Argument k = request.field("k");
  return {basis_choice(svd, true, BasisPart::kTop, k), basis_choice(svd, false, BasisPart::kTop, k),
          tensor_view_from(request.field("reference")), tensor_view_from(request.field("variant"))};
}

MaskOverlapRequest mask_overlap_size_from(const Argument& request) {
  MaskOverlapRequest result;
  result.reference = tensor_view_from(request.field("reference"));
  result.k = request.field("k").integer(1, kMaxSafeInteger);
  return result;
}

MaskOverlapJobRequest mask_overlap_from(const Argument& request) {
  MaskOverlapJobRequest result;
  result.svd = svd_from(request.field("svd"));
  result.masks = mask_overlap_size_from(request);
  result.masks.k = basis_choice(result.svd, true, BasisPart::kTop, request.field("k")).k;
  result.masks.variant = tensor_view_from(request.field("variant"));
  const Argument share = request.field("share");
  result.masks.share = share.magnitude();
  if (result.masks.share > 1) share.refuse("a number from 0 to 1");
  result.masks.seed = static_cast<std::uint64_t>(request.field("seed").integer(0, kMaxSafeInteger));
  return result;
}

}  // namespace polarimeter::addon
