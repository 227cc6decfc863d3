#include "requests.h"

#include <algorithm>
#include <array>

#include "handles.h"

namespace polarimeter::addon {
namespace {

constexpr std::uint32_t kMaxVariants = 64;
constexpr std::uint32_t kMaxThresholds = 8;

BasisChoice basis_choice(std::shared_ptr<const Svd> svd, bool left, bool top, const Argument& k) {
  const Basis& whole = top ? (left ? svd->left_top : svd->right_top) : (left ? svd->left_bottom : svd->right_bottom);
  if (whole.count == 0) k.refuse(std::string("a decomposition with ") + (top ? "top" : "bottom") + " vectors");
  return {std::move(svd), left, top, k.integer(1, whole.count)};
}

BasisChoice basis_choice_from(const Argument& choice) {
  const bool left = choice.field("side").choice({"left", "right"}) == 0;
  const bool top = choice.field("part").choice({"top", "bottom"}) == 0;
  return basis_choice(svd_from(choice.field("svd")), left, top, choice.field("k"));
}

}  // namespace

const Basis& BasisChoice::columns(Basis* scratch) const {
  const Basis& whole = top ? (left ? svd->left_top : svd->right_top) : (left ? svd->left_bottom : svd->right_bottom);
  if (k == whole.count) return whole;
  const auto first = whole.values.begin() + (top ? 0 : (whole.count - k) * whole.dim);
  scratch->dim = whole.dim;
  scratch->count = k;
  scratch->values.assign(first, first + k * whole.dim);
  return *scratch;
}

ElementPassRequest element_pass_from(const Argument& request) {
  static constexpr std::array<Isa, 3> kIsas = {Isa::kScalar, Isa::kAvx2, Isa::kAvx512};
  ElementPassRequest result;
  result.reference = tensor_view_from(request.field("reference"));
  for (const Argument& view : request.field("variants").items(1, kMaxVariants)) {
    result.variants.push_back(tensor_view_from(view));
  }
  for (const Argument& threshold : request.field("bf16_thresholds").items(0, kMaxThresholds)) {
    result.bf16_thresholds.push_back(static_cast<float>(threshold.magnitude()));
  }
  result.profiles = request.field("profiles").flag();
  const Argument isa = request.field("isa");
  result.isa = isa.absent() ? best_isa() : kIsas[isa.choice({"scalar", "avx2", "avx512"})];
  if (!isa_available(result.isa)) isa.refuse("an instruction set that this processor has");
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
  return result;
}

AnglesRequest angles_from(const Argument& request) {
  return {basis_choice_from(request.field("a")), basis_choice_from(request.field("b"))};
}

FrameRequest frame_from(const Argument& request) {
  const std::shared_ptr<const Svd> svd = svd_from(request.field("svd"));
  const Argument k = request.field("k");
  return {basis_choice(svd, true, true, k), basis_choice(svd, false, true, k),
          tensor_view_from(request.field("reference")), tensor_view_from(request.field("variant"))};
}

}  // namespace polarimeter::addon
