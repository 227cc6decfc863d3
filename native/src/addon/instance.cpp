#include "instance.h"

#include <exception>
#include <utility>

#include "arguments.h"
#include "engine.h"
#include "handles.h"

namespace polarimeter::addon {
namespace {

Napi::Object error_message(Napi::Env env, const std::string& code, const std::string& message) {
  auto end = Napi::Object::New(env);
  end.Set("status", "error");
  end.Set("code", code);
  end.Set("message", message);
  return end;
}

/// What `on_end` receives. A result that JavaScript has no memory for is an error like any other.
Napi::Object end_of_job(Napi::Env env, const Outcome& outcome) {
  if (outcome.ending == Ending::kError) return error_message(env, outcome.code, outcome.message);
  auto end = Napi::Object::New(env);
  end.Set("status", outcome.ending == Ending::kOk ? "ok" : "cancelled");
  if (outcome.ending == Ending::kCancelled) return end;
  try {
    end.Set("result", outcome.reply(env));
  } catch (const std::exception& error) {
    return error_message(env, code_name(Code::kOutOfMemory), std::string("no room for the result: ") + error.what());
  }
  return end;
}

}  // namespace

Instance::Instance(Napi::Env env) {
  const napi_status created =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "polarimeter"), 0, 1, nullptr,
                                      nullptr, nullptr, &Instance::wake, &wake_);
  if (created != napi_ok) throw Napi::Error::New(env);
  napi_unref_threadsafe_function(env, wake_);
  outbox_->open(wake_);
  // Hooks run last in, first out: this one closes the outbox before Node's own hook ends the thread-safe function.
  napi_add_env_cleanup_hook(env, &Instance::env_cleanup, this);
}

void Instance::env_cleanup(void* instance) { static_cast<Instance*>(instance)->tear_down(); }

void Instance::tear_down() {
  outbox_->close();
  for (const auto& entry : pending_) entry.second.job->abandon();
  pending_.clear();
  napi_release_threadsafe_function(wake_, napi_tsfn_release);
}

Napi::Value Instance::start(Napi::Env env, Napi::Function on_end, BackgroundJob::Work work, Lane lane) {
  const std::uint64_t id = next_job_++;
  const auto job = std::make_shared<BackgroundJob>(id, std::move(work), outbox_);
  const Napi::Value handle = create_job_handle(env, job);
  pending_.emplace(id, Pending{job, Napi::Persistent(on_end)});
  if (pending_.size() == 1) napi_ref_threadsafe_function(env, wake_);
  Status status;
  try {
    status = Engine::instance().start(job, lane);
  } catch (const std::exception& error) {
    status = Status::Error(Code::kOutOfMemory, std::string("the job cannot be queued: ") + error.what());
  }
  if (!status.ok()) {
    forget(env, id);
    throw coded_error(env, code_name(status.code), status.message);
  }
  return handle;
}

void Instance::forget(Napi::Env env, std::uint64_t job) {
  pending_.erase(job);
  if (pending_.empty()) napi_unref_threadsafe_function(env, wake_);
}

void Instance::wake(napi_env raw_env, napi_value, void*, void*) {
  if (raw_env == nullptr) return;  // the environment is being torn down
  const Napi::Env env(raw_env);
  const Napi::HandleScope scope(env);
  try {
    env.GetInstanceData<Instance>()->deliver(env);
  } catch (const Napi::Error& error) {
    // Thrown by the caller's own function: as fatal as in any other callback.
    napi_fatal_exception(env, error.Value());
  } catch (const std::exception& error) {
    napi_fatal_exception(env, Napi::Error::New(env, error.what()).Value());
  }
}

void Instance::deliver(Napi::Env env) {
  Delivery delivery;
  if (!outbox_->take(&delivery)) return;
  const auto entry = pending_.find(delivery.job);
  if (entry == pending_.end()) return;
  const Napi::FunctionReference on_end = std::move(entry->second.on_end);
  forget(env, delivery.job);
  on_end.Call({end_of_job(env, delivery.outcome)});
}

}  // namespace polarimeter::addon
