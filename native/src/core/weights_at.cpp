#include <array>
#include <new>

#include "core/chunk_run.h"
#include "core/pair_checks.h"
#include "core/widen.h"
#include "cpu/element_codes.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

Status read_weight(const TensorView& view, std::int64_t index, double* weight) {
  alignas(8) std::array<std::byte, 8> scratch;
  const std::byte* bytes = nullptr;
  Status status = view.read(index, 1, scratch.data(), &bytes);
  if (status.ok()) widen(view.dtype, bytes, 1, weight);
  return status;
}

std::optional<int> steps_between(double reference, double variant) {
  const std::uint16_t from = bf16_of_double(reference);
  const std::uint16_t to = bf16_of_double(variant);
  for (const std::uint16_t code : {from, to}) {
    if ((code & 0x7FFFU) >= 0x7F80U) return std::nullopt;
  }
  return ordered(to) - ordered(from);
}

Status run(const WeightsAtRequest& request, const std::vector<TensorView>& views, Control& control,
           WeightsAt* weights) {
  const std::int64_t index = request.row * request.reference.cols + request.col;
  for (const TensorView& view : views) {
    if (control.cancelled.load(std::memory_order_relaxed)) return Status::Error(Code::kCancelled, "Cancelled.");
    double weight = 0;
    if (Status status = read_weight(view, index, &weight); !status.ok()) return status;
    if (&view == &views.front()) {
      weights->reference = weight;
      continue;
    }
    weights->variants.push_back(weight);
    weights->steps.push_back(steps_between(weights->reference, weight));
  }
  for (const TensorView& view : views) {
    if (Status status = view.check_unchanged(); !status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace

Status weights_at(const WeightsAtRequest& request, Control& control, WeightsAt* weights) try {
  *weights = WeightsAt();
  const std::vector<TensorView> views = reference_first(request.reference, request.variants);
  if (Status status = check_pairs("weights_at", views, Isa::kScalar); !status.ok()) return status;
  if (request.row < 0 || request.row >= request.reference.rows || request.col < 0 ||
      request.col >= request.reference.cols) {
    return Status::Error(Code::kInvalidArgument, "weights_at: the weight does not lie in the matrix.");
  }
  Status status = run(request, views, control, weights);
  if (!status.ok()) *weights = WeightsAt();
  return status;
} catch (const std::bad_alloc&) {
  *weights = WeightsAt();
  return out_of_memory();
}

}  // namespace polarimeter
