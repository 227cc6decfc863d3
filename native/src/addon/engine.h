#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "background_job.h"
#include "polarimeter/job.h"
#include "polarimeter/status.h"

namespace polarimeter::addon {

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
  Status start(std::shared_ptr<BackgroundJob> job);

  /// The process ends: cancels every job and waits for their current steps, which must not run on while libraries are
  /// torn down. Returns false when a step is still running after the time that a user will wait.
  bool shut_down();

 private:
  Engine();
  void remove(const std::shared_ptr<BackgroundJob>& job);

  std::mutex mutex_;
  std::condition_variable idle_;
  std::unique_ptr<Executor> executor_;
  std::unordered_set<std::shared_ptr<BackgroundJob>> active_;
  bool stopping_ = false;
};

}  // namespace polarimeter::addon
