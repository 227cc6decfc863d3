#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "arguments.h"
#include "background_job.h"
#include "engine.h"
#include "instance.h"
#include "replies.h"

namespace polarimeter::addon {

inline Argument request_of(const Napi::CallbackInfo& info) { return {info[0], "request"}; }

/// Starts a job for `compute(executor, control, &result)`. The result stays native until on_end is called.
template <typename Result, typename Compute, typename MakeReply>
Napi::Value start_with(const Napi::CallbackInfo& info, Compute compute, MakeReply make_reply, Lane lane = Lane::kPool) {
  const Napi::Function on_end = Argument(info[1], "on_end").function();
  BackgroundJob::Work work = [compute = std::move(compute), make_reply](Executor& executor, Control& control,
                                                                        Reply* answer) {
    auto result = std::make_shared<Result>();
    Status status = compute(executor, control, result.get());
    if (status.ok()) *answer = [result, make_reply](Napi::Env env) { return make_reply(env, result); };
    return status;
  };
  return info.Env().GetInstanceData<Instance>()->start(info.Env(), on_end, std::move(work), lane);
}

/// The same with reply() of the result.
template <typename Result, typename Compute>
Napi::Value start(const Napi::CallbackInfo& info, Compute compute, Lane lane = Lane::kPool) {
  const auto make_reply = [](Napi::Env env, const std::shared_ptr<Result>& result) { return reply(env, *result); };
  return start_with<Result>(info, std::move(compute), make_reply, lane);
}

}  // namespace polarimeter::addon
