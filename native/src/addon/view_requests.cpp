#include "view_requests.h"

#include <array>
#include <optional>
#include <string>

#include "handles.h"
#include "polarimeter/derivation.h"

namespace polarimeter::addon {
namespace {

constexpr std::uint32_t kMaxSummedViews = 4096;
constexpr std::uint32_t kMaxDigits = 16;
constexpr std::size_t kPlain = 4;
constexpr std::array<DType, kPlain> kDTypes = {DType::kF64, DType::kF32, DType::kF16, DType::kBF16};
constexpr std::array<Encoding, 12> kEncodings = {
    Encoding::kF8E4M3, Encoding::kF8E5M2, Encoding::kQ4_0, Encoding::kQ4_1, Encoding::kQ5_0, Encoding::kQ5_1,
    Encoding::kQ8_0,   Encoding::kQ2_K,   Encoding::kQ3_K, Encoding::kQ4_K, Encoding::kQ5_K, Encoding::kQ6_K};

/// A view of a derivation, unless it was refused.
TensorView unless_refused(const Argument& view, const Status& status, TensorView made) {
  if (!status.ok()) throw coded_error(view.value().Env(), code_name(status.code), status.message);
  return made;
}

std::int64_t whole(const Argument& number) { return number.integer(0, kMaxSafeInteger); }

TensorView stored_view(const Argument& view) {
  EncodedTensor tensor;
  tensor.file = file_from(view.field("file"));
  tensor.offset = view.field("offset").offset();
  const std::size_t dtype =
      view.field("dtype").choice({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "Q4_0", "Q4_1", "Q5_0", "Q5_1",
                                  "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"});
  tensor.rows = whole(view.field("rows"));
  tensor.cols = whole(view.field("cols"));
  if (dtype < kPlain) return {tensor.file, tensor.offset, kDTypes[dtype], tensor.rows, tensor.cols};
  tensor.encoding = kEncodings[dtype - kPlain];
  TensorView made;
  const Status status = encoded_view(tensor, &made);
  return unless_refused(view, status, std::move(made));
}

TensorView view_at(const Argument& view, int depth);

std::vector<std::int64_t> numbers(const Argument& list) {
  std::vector<std::int64_t> result;
  for (const Argument& number : list.items(0, kMaxDigits)) result.push_back(whole(number));
  return result;
}

StridedAxis axis(const Argument& value) { return {numbers(value.field("sizes")), numbers(value.field("strides"))}; }

TensorView scaled(const Argument& derived, int depth) {
  ScaledTensor tensor;
  tensor.of = view_at(derived.field("of"), depth);
  tensor.scale = view_at(derived.field("scale"), depth);
  const std::vector<Argument> block = derived.field("block").items(2, 2);
  tensor.block_rows = block[0].integer(1, kMaxSafeInteger);
  tensor.block_cols = block[1].integer(1, kMaxSafeInteger);
  TensorView made;
  const Status status = scaled_view(tensor, &made);
  return unless_refused(derived, status, std::move(made));
}

TensorView low_rank(const Argument& derived, int depth) {
  LowRankTensor tensor;
  tensor.base = view_at(derived.field("base"), depth);
  tensor.up = view_at(derived.field("up"), depth);
  tensor.down = view_at(derived.field("down"), depth);
  tensor.factor = derived.field("factor").number();
  tensor.transposed = derived.field("transposed").flag();
  TensorView made;
  const Status status = low_rank_view(tensor, &made);
  return unless_refused(derived, status, std::move(made));
}

TensorView strided(const Argument& derived, int depth) {
  StridedTensor tensor;
  tensor.of = view_at(derived.field("of"), depth);
  tensor.start = whole(derived.field("start"));
  tensor.rows = axis(derived.field("rows"));
  tensor.cols = axis(derived.field("cols"));
  TensorView made;
  const Status status = strided_view(tensor, &made);
  return unless_refused(derived, status, std::move(made));
}

TensorView derived_view(const Argument& view, const Argument& derived, int depth) {
  if (depth > kMaxDerivationDepth) {
    derived.refuse("at most " + std::to_string(kMaxDerivationDepth) + " derivations on top of each other");
  }
  const std::size_t kind = derived.field("kind").choice({"scaled", "low-rank", "strided"});
  TensorView made = kind == 0   ? scaled(derived, depth + 1)
                    : kind == 1 ? low_rank(derived, depth + 1)
                                : strided(derived, depth + 1);
  const std::int64_t count = made.elements();
  made.rows = whole(view.field("rows"));
  made.cols = whole(view.field("cols"));
  std::int64_t asked = 0;
  if (__builtin_mul_overflow(made.rows, made.cols, &asked) || asked != count) {
    view.field("rows").refuse("a shape of " + std::to_string(count) + " elements");
  }
  return made;
}

TensorView view_at(const Argument& view, int depth) {
  const Argument derived = view.field("derived");
  return derived.absent() ? stored_view(view) : derived_view(view, derived, depth);
}

}  // namespace

TensorView tensor_view_from(const Argument& view) { return view_at(view, 1); }

std::vector<TensorView> tensor_views_from(const Argument& views) {
  std::vector<TensorView> result;
  for (const Argument& view : views.items(1, kMaxSummedViews)) result.push_back(tensor_view_from(view));
  return result;
}

}  // namespace polarimeter::addon
