#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace polarimeter {

/// What a caller and a running operation share: cancellation one way, progress the other. Operations look at
/// `cancelled` at least every 50 ms and then return Code::kCancelled.
struct Control {
  std::atomic<bool> cancelled{false};
  std::atomic<std::uint64_t> done{0};   ///< units of work finished; the unit is the operation's own
  std::atomic<std::uint64_t> total{0};  ///< units of work in all; 0 while unknown
};

/// The one pool of threads in the process. BLAS runs single-threaded inside it.
class Executor {
 public:
  /// At least one thread. Where the system gives fewer than asked for, the pool has those. Throws when it gives none.
  explicit Executor(int threads);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  int threads() const;

  /// Queues one task; it runs once, on some pool thread, at the latest while the executor is destroyed. Never blocks.
  /// A task reports its own failures: what it throws is dropped. Throws std::bad_alloc alone.
  void submit(std::function<void()> task);

  /// Runs body(chunk) for every chunk in [0, chunks), on the pool and on the calling thread, and returns when all are
  /// done. Chunk boundaries belong to the caller, so that results do not depend on the number of threads. May be
  /// called from a pool thread, also inside another loop. Waits passively. What a body throws, the first of them, is
  /// thrown again here after all chunks have ended; operations turn it into a Status.
  void parallel_for(std::int64_t chunks, const std::function<void(std::int64_t)>& body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace polarimeter
