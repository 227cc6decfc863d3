#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "background_job.h"
#include "engine.h"

namespace polarimeter::addon {

/// The addon within one environment. JavaScript thread only.
///
/// Its thread-safe function is referenced exactly while jobs are pending: an idle addon does not keep the process
/// alive.
class Instance {
 public:
  explicit Instance(Napi::Env env);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// Starts a job and returns its handle. `on_end` is called exactly once, later, with how it ended.
  Napi::Value start(Napi::Env env, Napi::Function on_end, BackgroundJob::Work work, Lane lane);

 private:
  struct Pending {
    std::shared_ptr<BackgroundJob> job;
    Napi::FunctionReference on_end;
  };

  static void wake(napi_env env, napi_value function, void* context, void* data);
  static void env_cleanup(void* instance);
  void deliver(Napi::Env env);
  void forget(Napi::Env env, std::uint64_t job);
  void tear_down();

  std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();
  napi_threadsafe_function wake_ = nullptr;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t next_job_ = 1;
};

}  // namespace polarimeter::addon
