#include "operations.h"

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "arguments.h"
#include "handles.h"
#include "polarimeter/ops.h"
#include "replies.h"
#include "requests.h"
#include "start_job.h"

namespace polarimeter::addon {
namespace {

Napi::Value start_content_hash(const Napi::CallbackInfo& info) {
  return start<ContentHash>(info, [w = tensor_view_from(request_of(info).field("w"))](
                                      Executor& executor, Control& control, ContentHash* hash) {
    return content_hash(w, executor, control, hash);
  });
}

Napi::Value start_byte_sum(const Napi::CallbackInfo& info) {
  return start<ByteSum>(info, [views = tensor_views_from(request_of(info).field("views"))](
                                  Executor& executor, Control& control, ByteSum* sum) {
    return byte_sum(views, executor, control, sum);
  });
}

Napi::Value start_exponent_histogram(const Napi::CallbackInfo& info) {
  using Counts = std::array<std::uint64_t, kExponents>;
  return start<Counts>(
      info, [w = tensor_view_from(request_of(info).field("w"))](Executor& executor, Control& control, Counts* counts) {
        return exponent_histogram(w, executor, control, counts);
      });
}

Napi::Value start_element_pass(const Napi::CallbackInfo& info) {
  ElementPassRequest request = element_pass_from(request_of(info));
  const Isa isa = request.isa;
  return start_with<ElementPassResult>(
      info,
      [request = std::move(request)](Executor& executor, Control& control, ElementPassResult* result) {
        return element_pass(request, executor, control, result);
      },
      [isa](Napi::Env env, const std::shared_ptr<ElementPassResult>& result) {
        auto object = reply(env, *result).As<Napi::Object>();
        object.Set("isa", isa_name(isa));
        return object;
      });
}

Napi::Value start_change_tile(const Napi::CallbackInfo& info) {
  const auto compute = [request = change_tile_from(request_of(info))](Executor& executor, Control& control,
                                                                      ChangeTile* tile) {
    return change_tile(request, executor, control, tile);
  };
  return start<ChangeTile>(info, compute, Lane::kPrompt);
}

Napi::Value start_step_histogram(const Napi::CallbackInfo& info) {
  const auto compute = [request = step_histogram_from(request_of(info))](Executor& executor, Control& control,
                                                                         StepHistogram* histogram) {
    return step_histogram(request, executor, control, histogram);
  };
  return start<StepHistogram>(info, compute, Lane::kPrompt);
}

Napi::Value start_weights_at(const Napi::CallbackInfo& info) {
  const auto compute = [request = weights_at_from(request_of(info))](Executor&, Control& control, WeightsAt* weights) {
    return weights_at(request, control, weights);
  };
  return start<WeightsAt>(info, compute, Lane::kPrompt);
}

Napi::Value start_svd(const Napi::CallbackInfo& info) {
  return start_with<Svd>(
      info,
      [request = svd_from_request(request_of(info))](Executor&, Control& control, Svd* svd) {
        return request.method == SvdMethod::kGramF64 ? svd_gram_f64(request.svd, control, svd)
                                                     : svd_direct_f64(request.svd, control, svd);
      },
      [](Napi::Env env, const std::shared_ptr<Svd>& svd) {
        auto object = Napi::Object::New(env);
        object.Set("summary", svd_summary(env, *svd));
        object.Set("svd", create_svd_handle(env, svd));
        return object;
      });
}

Napi::Value start_principal_angles(const Napi::CallbackInfo& info) {
  return start<std::vector<double>>(
      info, [request = angles_from(request_of(info))](Executor&, Control& control, std::vector<double>* angles) {
        Basis a;
        Basis b;
        return principal_angles(request.a.columns(&a), request.b.columns(&b), control, angles);
      });
}

Napi::Value start_frame_energy(const Napi::CallbackInfo& info) {
  return start<FrameEnergy>(info,
                            [request = frame_from(request_of(info))](Executor&, Control& control, FrameEnergy* energy) {
                              Basis u;
                              Basis v;
                              return frame_energy(request.reference, request.variant, request.u.columns(&u),
                                                  request.v.columns(&v), control, energy);
                            });
}

Napi::Value start_mask_overlap(const Napi::CallbackInfo& info) {
  return start<MaskOverlap>(
      info, [request = mask_overlap_from(request_of(info))](Executor&, Control& control, MaskOverlap* overlap) {
        return mask_overlap(request.masks, *request.svd, control, overlap);
      });
}

Napi::Value mask_overlap_bytes(const Napi::CallbackInfo& info) {
  const std::uint64_t bytes = polarimeter::mask_overlap_bytes(mask_overlap_size_from(request_of(info)));
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

Napi::Value svd_bytes(const Napi::CallbackInfo& info) {
  const SvdJobRequest request = svd_from_request(request_of(info));
  const std::uint64_t bytes =
      request.method == SvdMethod::kGramF64 ? svd_gram_f64_bytes(request.svd) : svd_direct_f64_bytes(request.svd);
  return Napi::Number::New(info.Env(), static_cast<double>(bytes));
}

}  // namespace

void add_operations(Napi::Env env, Napi::Object exports) {
  exports.Set("start_content_hash", Napi::Function::New<start_content_hash>(env, "start_content_hash"));
  exports.Set("start_byte_sum", Napi::Function::New<start_byte_sum>(env, "start_byte_sum"));
  exports.Set("start_exponent_histogram",
              Napi::Function::New<start_exponent_histogram>(env, "start_exponent_histogram"));
  exports.Set("start_element_pass", Napi::Function::New<start_element_pass>(env, "start_element_pass"));
  exports.Set("start_change_tile", Napi::Function::New<start_change_tile>(env, "start_change_tile"));
  exports.Set("start_step_histogram", Napi::Function::New<start_step_histogram>(env, "start_step_histogram"));
  exports.Set("start_weights_at", Napi::Function::New<start_weights_at>(env, "start_weights_at"));
  exports.Set("start_svd", Napi::Function::New<start_svd>(env, "start_svd"));
  exports.Set("start_principal_angles", Napi::Function::New<start_principal_angles>(env, "start_principal_angles"));
  exports.Set("start_frame_energy", Napi::Function::New<start_frame_energy>(env, "start_frame_energy"));
  exports.Set("start_mask_overlap", Napi::Function::New<start_mask_overlap>(env, "start_mask_overlap"));
  exports.Set("mask_overlap_bytes", Napi::Function::New<mask_overlap_bytes>(env, "mask_overlap_bytes"));
  exports.Set("svd_bytes", Napi::Function::New<svd_bytes>(env, "svd_bytes"));
}

}  // namespace polarimeter::addon
