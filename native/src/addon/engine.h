#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "background_job.h"
#include "polarimeter/job.h"
#include "polarimeter/status.h"

namespace polarimeter::addon {

/// Who takes a job: a thread of the pool, when one is free; or at once one of a few that do nothing else, for what
/// somebody is looking at while decompositions hold the pool for minutes. The pool helps with either as it can.
enum class Lane { kPool, kPrompt };

/// The pool of the process, shared by all environments. Never destroyed: threads of the pool may run until the process
/// has gone.
class Engine {
 public:
  static Engine& instance();

  /// Sets the number of threads. fails kInvalidArgument while jobs run, unless the number stays the same
  Status configure(int threads);
  /// Threads of the pool; of the one that the first job will create when there is none yet.
  int threads();
  /// Jobs whose work has not returned: waiting, running, and cancelled ones that still finish a step.
  std::size_t active();

  /// Queues a job. fails kCancelled while the process ends
  Status start(std::shared_ptr<BackgroundJob> job, Lane lane);

  /// The process ends: cancels every job and waits for their current steps, which must not run on while libraries are
  /// torn down. Returns false when a step is still running after the time that a user will wait.
  bool shut_down();

 private:
  Engine();
  void remove(const std::shared_ptr<BackgroundJob>& job);

  std::mutex mutex_;
  std::condition_variable idle_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<Executor> prompt_;
  std::unordered_set<std::shared_ptr<BackgroundJob>> active_;
  bool stopping_ = false;
};

}  // namespace polarimeter::addon
