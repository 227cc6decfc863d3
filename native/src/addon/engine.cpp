#include "engine.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

namespace polarimeter::addon {
namespace {

constexpr std::chrono::seconds kExitPatience{5};
constexpr int kPromptThreads = 2;

int default_threads() { return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 1024U)); }

/// Node unloads the addons of a worker_thread that exits. Pool threads and the fault handler live in this one, so it
/// must stay.
void pin_library() {
  Dl_info here;
  static const char anchor = 0;
  if (dladdr(&anchor, &here) != 0 && here.dli_fname != nullptr) {
    dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

#ifdef __GLIBC__
void at_process_exit(int status, void*) {
  if (Engine::instance().shut_down()) return;
  // A LAPACK call that is still running would meet memory that OpenBLAS's destructor has unmapped: without this
  // handler, 2 of 60 exits during a decomposition ended in a segmentation fault.
  std::fflush(nullptr);
  _exit(status);
}
#else
void at_process_exit() { Engine::instance().shut_down(); }
#endif

}  // namespace

Engine& Engine::instance() {
  static Engine* const engine = new Engine;
  return *engine;
}

Engine::Engine() {
  pin_library();
#ifdef __GLIBC__
  on_exit(at_process_exit, nullptr);
#else
  std::atexit(at_process_exit);
#endif
}

Status Engine::configure(int threads) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (executor_ && executor_->threads() == threads) return Status::Ok();
  if (!active_.empty()) {
    return Status::Error(Code::kInvalidArgument, "the number of threads cannot change while " +
                                                     std::to_string(active_.size()) + " jobs run; wait for them first");
  }
  executor_ = std::make_unique<Executor>(threads);
  return Status::Ok();
}

int Engine::threads() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return executor_ ? executor_->threads() : default_threads();
}

std::size_t Engine::active() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return active_.size();
}

Status Engine::start(std::shared_ptr<BackgroundJob> job, Lane lane) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_) return Status::Error(Code::kCancelled, "the process is ending");
  if (!executor_) executor_ = std::make_unique<Executor>(default_threads());
  if (lane == Lane::kPrompt && !prompt_) prompt_ = std::make_unique<Executor>(kPromptThreads);
  Executor* const executor = executor_.get();
  Executor& queue = lane == Lane::kPrompt ? *prompt_ : *executor;
  active_.insert(job);
  try {
    // The job leaves `active_` before its outcome is known to JavaScript, which may then reconfigure at once.
    queue.submit([this, executor, job] {
      Outcome outcome = job->run(*executor);
      remove(job);
      job->finish(std::move(outcome));
    });
  } catch (...) {
    active_.erase(job);
    throw;
  }
  return Status::Ok();
}

void Engine::remove(const std::shared_ptr<BackgroundJob>& job) {
  const std::lock_guard<std::mutex> lock(mutex_);
  active_.erase(job);
  if (active_.empty()) idle_.notify_all();
}

bool Engine::shut_down() {
  std::unique_lock<std::mutex> lock(mutex_);
  stopping_ = true;
  for (const auto& job : active_) job->abandon();
  return idle_.wait_for(lock, kExitPatience, [this] { return active_.empty(); });
}

}  // namespace polarimeter::addon
