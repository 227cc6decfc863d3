#include "core/pair_checks.h"

namespace polarimeter {
namespace {

constexpr std::size_t kMostVariants = 64;

}  // namespace

std::vector<TensorView> reference_first(const TensorView& reference, const std::vector<TensorView>& variants) {
  std::vector<TensorView> views = {reference};
  views.insert(views.end(), variants.begin(), variants.end());
  return views;
}

Status check_pairs(const std::string& operation, const std::vector<TensorView>& views, Isa isa) {
  const auto invalid = [&operation](const char* what) {
    return Status::Error(Code::kInvalidArgument, operation + ": " + what);
  };
  if (views.size() < 2 || views.size() > 1 + kMostVariants) return invalid("needs 1 to 64 variants.");
  if (!isa_available(isa)) return invalid("this processor or build lacks the instruction set asked for.");
  for (const TensorView& view : views) {
    if (Status status = view.validate(); !status.ok()) return status;
    if (view.rows != views[0].rows || view.cols != views[0].cols) {
      return invalid("every variant must have the shape of the reference.");
    }
  }
  return Status::Ok();
}

}  // namespace polarimeter
