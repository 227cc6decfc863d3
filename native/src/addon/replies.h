#pragma once

#include <napi.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "polarimeter/ops.h"

// Results copied into JavaScript objects, on the JavaScript thread, under their C++ field names.

namespace polarimeter::addon {

Napi::Value reply(Napi::Env env, const ContentHash& hash);
Napi::Value reply(Napi::Env env, const ByteSum& sum);
Napi::Value reply(Napi::Env env, const std::array<std::uint64_t, kExponents>& exponents);
Napi::Value reply(Napi::Env env, const ElementPassResult& result);
Napi::Value reply(Napi::Env env, const ChangeTile& tile);
Napi::Value reply(Napi::Env env, const StepHistogram& histogram);
Napi::Value reply(Napi::Env env, const WeightsAt& weights);
Napi::Value reply(Napi::Env env, const std::vector<double>& values);
Napi::Value reply(Napi::Env env, const FrameEnergy& energy);
Napi::Value reply(Napi::Env env, const MaskOverlap& overlap);
/// Numbers about a decomposition; its bases stay native.
Napi::Value svd_summary(Napi::Env env, const Svd& svd);

}  // namespace polarimeter::addon
