#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "polarimeter/job.h"

namespace polarimeter {
namespace {

/// One parallel_for in flight. Helpers hold it by shared pointer, since one may leave the queue after the loop is over.
class Loop {
 public:
  Loop(std::int64_t chunks, const std::function<void(std::int64_t)>& body) : chunks_(chunks), body_(body) {}

  /// Takes chunks until none is left. `body_` is only touched for a chunk in hand, while the caller still waits.
  void help() {
    for (;;) {
      const std::int64_t chunk = next_.fetch_add(1, std::memory_order_relaxed);
      if (chunk >= chunks_) return;
      run(chunk);
    }
  }

  /// Waits for the chunks that others still run, then hands over the first exception.
  void finish() {
    std::unique_lock lock(mutex_);
    all_done_.wait(lock, [this] { return done_ == chunks_; });
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void run(std::int64_t chunk) {
    std::exception_ptr failure;
    try {
      body_(chunk);
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    if (failure && !failure_) failure_ = failure;
    if (++done_ == chunks_) all_done_.notify_all();
  }

  const std::int64_t chunks_;
  const std::function<void(std::int64_t)>& body_;
  std::atomic<std::int64_t> next_{0};
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::int64_t done_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

struct Executor::Impl {
  std::mutex mutex;
  std::condition_variable work;
  std::deque<std::function<void()>> queue;
  bool stopping = false;
  std::vector<std::thread> threads;

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      work.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      {
        const std::function<void()> task = std::move(queue.front());
        queue.pop_front();
        lock.unlock();
        // A task reports its own failures; one that throws all the same must not end the process.
        try {
          task();
        } catch (...) {
        }
      }
      lock.lock();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    work.notify_all();
    for (std::thread& thread : threads) thread.join();
  }
};

Executor::Executor(int threads) : impl_(std::make_unique<Impl>()) {
  const int wanted = std::max(threads, 1);
  impl_->threads.reserve(static_cast<std::size_t>(wanted));
  for (int i = 0; i < wanted; ++i) {
    try {
      impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(); });
    } catch (const std::system_error&) {
      // The system gives no more threads: fewer do the same work. None at all is the caller's to know.
      if (i == 0) throw;
      return;
    }
  }
}

Executor::~Executor() { impl_->stop(); }

int Executor::threads() const { return static_cast<int>(impl_->threads.size()); }

void Executor::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->queue.push_back(std::move(task));
  }
  impl_->work.notify_one();
}

void Executor::parallel_for(std::int64_t chunks, const std::function<void(std::int64_t)>& body) {
  if (chunks <= 0) return;
  const auto loop = std::make_shared<Loop>(chunks, body);
  const std::int64_t helpers = std::min<std::int64_t>(threads(), chunks - 1);
  for (std::int64_t i = 0; i < helpers; ++i) {
    {
      // In front of waiting jobs: work that has begun ends before other work begins.
      const std::lock_guard lock(impl_->mutex);
      try {
        impl_->queue.emplace_front([loop] { loop->help(); });
      } catch (const std::bad_alloc&) {
        break;  // fewer helpers, same result
      }
    }
    impl_->work.notify_one();
  }
  loop->help();
  loop->finish();
}

}  // namespace polarimeter
