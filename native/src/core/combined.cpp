#include "core/combined.h"

#include <algorithm>

namespace polarimeter {
namespace {

/// Saturates: more than the limit is all that matters.
std::uint64_t held_together(const std::vector<TensorView>& parts, std::uint64_t own_bytes) {
  std::uint64_t sum = own_bytes;
  for (const TensorView& part : parts) {
    if (__builtin_add_overflow(sum, part.held_bytes(), &sum)) return UINT64_MAX;
  }
  return sum;
}

int depth_above(const std::vector<TensorView>& parts) {
  int deepest = 0;
  for (const TensorView& part : parts) deepest = std::max(deepest, part.depth());
  return deepest + 1;
}

}  // namespace

Combined::Combined(std::vector<TensorView> parts, std::uint64_t own_bytes)
    : parts_(std::move(parts)), held_bytes_(held_together(parts_, own_bytes)), depth_(depth_above(parts_)) {}

Status Combined::check_unchanged() const {
  for (const TensorView& part : parts_) {
    if (Status status = part.check_unchanged(); !status.ok()) return status;
  }
  return Status::Ok();
}

std::string Combined::describe() const {
  std::string text = "a tensor made of " + parts_.front().describe();
  if (parts_.size() > 1) text += " and " + std::to_string(parts_.size() - 1) + " more";
  return text;
}

Status admit(const std::vector<TensorView>& parts, std::uint64_t own_bytes) {
  for (const TensorView& part : parts) {
    if (!part.present()) return refused("has a part without a file");
    if (Status status = part.validate(); !status.ok()) return status;
  }
  if (depth_above(parts) > kMaxDerivationDepth) {
    return refused("is nested deeper than " + std::to_string(kMaxDerivationDepth));
  }
  if (held_together(parts, own_bytes) > kMaxHeldBytes) {
    return refused("needs more than " + std::to_string(kMaxHeldBytes) + " bytes of memory for its factors or scales");
  }
  return Status::Ok();
}

Status refused(const std::string& what) {
  return Status::Error(Code::kInvalidArgument, "A derived tensor " + what + ".");
}

std::string shape_text(const TensorView& view) { return std::to_string(view.rows) + " x " + std::to_string(view.cols); }

TensorView view_of(std::shared_ptr<const Derivation> derivation, std::int64_t rows, std::int64_t cols) {
  TensorView view;
  view.dtype = derivation->dtype();
  view.rows = rows;
  view.cols = cols;
  view.derivation = std::move(derivation);
  return view;
}

}  // namespace polarimeter
