#include "replies.h"

#include <algorithm>
#include <cstdint>

#include "handles.h"

namespace polarimeter::addon {
namespace {

/// Counts of elements and bytes: below 2^53, because they come from files that are smaller.
template <typename Integer>
Napi::Number count(Napi::Env env, Integer value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

template <typename Counts>
Napi::Array counts(Napi::Env env, const Counts& values) {
  auto array = Napi::Array::New(env, values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) array.Set(i, count(env, values[i]));
  return array;
}

Napi::Uint32Array copied(Napi::Env env, const std::vector<std::uint32_t>& values) {
  auto array = Napi::Uint32Array::New(env, values.size());
  if (!values.empty()) std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Float64Array copied(Napi::Env env, const std::vector<double>& values) {
  auto array = Napi::Float64Array::New(env, values.size());
  if (!values.empty()) std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Array bins(Napi::Env env, const std::array<StepHistogram::Bins, kExponents>& exponents) {
  auto array = Napi::Array::New(env, exponents.size());
  for (std::uint32_t i = 0; i < exponents.size(); ++i) array.Set(i, counts(env, exponents[i]));
  return array;
}

Napi::Object pair_elements(Napi::Env env, const PairElements& pair) {
  auto object = Napi::Object::New(env);
  object.Set("n", count(env, pair.n));
  object.Set("invalid", count(env, pair.invalid));
  object.Set("unchanged_bf16", count(env, pair.unchanged_bf16));
  object.Set("unchanged_native", count(env, pair.unchanged_native));
  object.Set("within", counts(env, pair.within));
  object.Set("sum_sq_reference", pair.sum_sq_reference);
  object.Set("sum_sq_variant", pair.sum_sq_variant);
  object.Set("sum_sq_update", pair.sum_sq_update);
  object.Set("dot_reference_update", pair.dot_reference_update);
  object.Set("max_abs_update", pair.max_abs_update);
  object.Set("sum_sq_ulp", pair.sum_sq_ulp);
  object.Set("steps", counts(env, pair.steps));
  object.Set("row_changed", copied(env, pair.row_changed));
  object.Set("col_changed", copied(env, pair.col_changed));
  return object;
}

Napi::Object mask_counts(Napi::Env env, const MaskCounts& mask) {
  auto object = Napi::Object::New(env);
  object.Set("size", count(env, mask.size));
  object.Set("overlap", count(env, mask.overlap));
  object.Set("null_overlap", count(env, mask.null_overlap));
  object.Set("exponents", counts(env, mask.exponents));
  return object;
}

}  // namespace

Napi::Value reply(Napi::Env env, const ContentHash& hash) {
  auto object = Napi::Object::New(env);
  object.Set("low", Napi::BigInt::New(env, hash.low));
  object.Set("high", Napi::BigInt::New(env, hash.high));
  return object;
}

Napi::Value reply(Napi::Env env, const ByteSum& sum) {
  auto object = Napi::Object::New(env);
  object.Set("sum", Napi::BigInt::New(env, sum.sum));
  object.Set("bytes", count(env, sum.bytes));
  object.Set("seconds", sum.seconds);
  return object;
}

Napi::Value reply(Napi::Env env, const std::array<std::uint64_t, kExponents>& exponents) {
  return counts(env, exponents);
}

Napi::Value reply(Napi::Env env, const ElementPassResult& result) {
  auto pairs = Napi::Array::New(env, result.pairs.size());
  for (std::uint32_t i = 0; i < result.pairs.size(); ++i) pairs.Set(i, pair_elements(env, result.pairs[i]));
  auto object = Napi::Object::New(env);
  object.Set("pairs", pairs);
  object.Set("update_dots", copied(env, result.update_dots));
  object.Set("overlaps", copied(env, std::vector<double>(result.overlaps.begin(), result.overlaps.end())));
  object.Set("consensus", counts(env, result.consensus));
  object.Set("valid_all", count(env, result.valid_all));
  object.Set("bytes", count(env, result.bytes));
  object.Set("seconds", result.seconds);
  return object;
}

Napi::Value reply(Napi::Env env, const ChangeTile& tile) {
  auto pixels = Napi::Uint8Array::New(env, tile.pixels.size());
  std::copy(tile.pixels.begin(), tile.pixels.end(), pixels.Data());
  auto object = Napi::Object::New(env);
  object.Set("rows", count(env, tile.rows));
  object.Set("cols", count(env, tile.cols));
  object.Set("pixels", pixels);
  object.Set("bytes", count(env, tile.bytes));
  return object;
}

Napi::Value reply(Napi::Env env, const StepHistogram& histogram) {
  auto object = Napi::Object::New(env);
  object.Set("up", bins(env, histogram.up));
  object.Set("down", bins(env, histogram.down));
  object.Set("invalid", count(env, histogram.invalid));
  return object;
}

Napi::Value reply(Napi::Env env, const WeightsAt& weights) {
  auto steps = Napi::Array::New(env, weights.steps.size());
  for (std::uint32_t i = 0; i < weights.steps.size(); ++i) {
    const std::optional<int>& moved = weights.steps[i];
    steps.Set(i, moved ? Napi::Value(Napi::Number::New(env, *moved)) : env.Null());
  }
  auto object = Napi::Object::New(env);
  object.Set("reference", weights.reference);
  object.Set("variants", copied(env, weights.variants));
  object.Set("steps", steps);
  return object;
}

Napi::Value reply(Napi::Env env, const std::vector<double>& values) { return copied(env, values); }

Napi::Value reply(Napi::Env env, const FrameEnergy& energy) {
  auto object = Napi::Object::New(env);
  object.Set("total", energy.total);
  object.Set("two_sided", energy.two_sided);
  object.Set("diagonal", energy.diagonal);
  object.Set("left", energy.left);
  object.Set("right", energy.right);
  object.Set("diagonal_values", copied(env, energy.diagonal_values));
  return object;
}

Napi::Value reply(Napi::Env env, const MaskOverlap& overlap) {
  auto object = Napi::Object::New(env);
  object.Set("n", count(env, overlap.n));
  object.Set("update", count(env, overlap.update));
  object.Set("null_update", count(env, overlap.null_update));
  object.Set("exponents", counts(env, overlap.exponents));
  object.Set("principal", mask_counts(env, overlap.principal));
  object.Set("low", mask_counts(env, overlap.low));
  object.Set("principal_not_low", mask_counts(env, overlap.principal_not_low));
  return object;
}

Napi::Value svd_summary(Napi::Env env, const Svd& svd) {
  auto object = Napi::Object::New(env);
  object.Set("m", count(env, svd.m));
  object.Set("n", count(env, svd.n));
  object.Set("top", count(env, svd.left_top.count));
  object.Set("bottom", count(env, svd.left_bottom.count));
  object.Set("middle", count(env, svd.left_middle.count));
  object.Set("sigma", copied(env, svd.sigma));
  object.Set("residual", svd.residual);
  object.Set("orthogonality", svd.orthogonality);
  object.Set("trace_error", svd.trace_error);
  object.Set("sigma_floor", svd.sigma_floor);
  object.Set("seconds", svd.seconds);
  object.Set("bytes", count(env, svd_bytes_held(svd)));
  return object;
}

}  // namespace polarimeter::addon
