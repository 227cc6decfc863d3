#pragma once

#include <napi.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "polarimeter/job.h"
#include "polarimeter/status.h"

// Who owns what, and on which thread:
//   Instance        one per environment (main thread, worker_thread, context); touched by its JavaScript thread only
//   Outbox          one per Instance, shared with its jobs; carries outcomes from pool threads to the JavaScript thread
//   BackgroundJob   shared by its handle, its Instance and the Engine; outlives whichever goes first
//   Engine          one per process; owns the pool and knows every job whose work has not returned

namespace polarimeter::addon {

/// Builds the JavaScript value of a result, on the JavaScript thread.
using Reply = std::function<Napi::Value(Napi::Env)>;

enum class Ending { kOk, kError, kCancelled };

/// How a job ended.
struct Outcome {
  Ending ending = Ending::kCancelled;
  std::string code;     ///< of an error
  std::string message;  ///< of an error
  Reply reply;          ///< of a success
};

struct Delivery {
  std::uint64_t job = 0;
  Outcome outcome;
};

/// Outcomes on their way to one JavaScript thread.
///
/// A thread-safe function must not be called once its environment has gone. Workers therefore call it only under this
/// lock and only while the outbox is open, and the environment closes the outbox in a cleanup hook that runs before
/// Node's own.
class Outbox {
 public:
  void open(napi_threadsafe_function wake);
  void close();
  /// Any thread. Drops the outcome when the outbox is closed.
  void post(std::uint64_t job, Outcome outcome);
  /// The JavaScript thread. Returns false when nothing waits.
  bool take(Delivery* delivery);

 private:
  std::mutex mutex_;
  napi_threadsafe_function wake_ = nullptr;
  std::deque<Delivery> waiting_;
};

/// One operation on its way through the pool. It settles exactly once: by its end, by cancel(), or by abandon().
class BackgroundJob {
 public:
  using Work = std::function<Status(Executor&, Control&, Reply*)>;

  BackgroundJob(std::uint64_t id, Work work, std::shared_ptr<Outbox> outbox);

  /// A pool thread, once: does the work and frees its inputs. Lets nothing escape.
  Outcome run(Executor& executor);
  /// A pool thread, after run(): hands the outcome over, or drops it when the job has settled before.
  void finish(Outcome outcome);
  /// Any thread. Settles the job as cancelled at once, also while a step without a check is running; what that step
  /// computes is dropped. Returns false when the job had settled before.
  bool cancel();
  /// Any thread. As cancel(), but tells nobody: the environment has gone.
  void abandon();

  std::uint64_t id() const { return id_; }
  const Control& control() const { return control_; }

 private:
  bool settle() { return !settled_.exchange(true); }

  const std::uint64_t id_;
  Work work_;
  Control control_;
  std::atomic<bool> settled_{false};
  const std::shared_ptr<Outbox> outbox_;
};

}  // namespace polarimeter::addon
