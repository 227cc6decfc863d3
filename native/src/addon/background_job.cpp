#include "background_job.h"

#include <exception>
#include <new>
#include <utility>

namespace polarimeter::addon {

void Outbox::open(napi_threadsafe_function wake) {
  const std::lock_guard<std::mutex> lock(mutex_);
  wake_ = wake;
}

void Outbox::close() {
  std::deque<Delivery> dropped;
  const std::lock_guard<std::mutex> lock(mutex_);
  wake_ = nullptr;
  dropped.swap(waiting_);
}

void Outbox::post(std::uint64_t job, Outcome outcome) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (wake_ == nullptr) return;
  waiting_.push_back({job, std::move(outcome)});
  if (napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking) != napi_ok) wake_ = nullptr;
}

bool Outbox::take(Delivery* delivery) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (waiting_.empty()) return false;
  *delivery = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

BackgroundJob::BackgroundJob(std::uint64_t id, Work work, std::shared_ptr<Outbox> outbox)
    : id_(id), work_(std::move(work)), outbox_(std::move(outbox)) {}

Outcome BackgroundJob::run(Executor& executor) {
  Outcome outcome;
  try {
    const Work work = std::exchange(work_, nullptr);
    if (control_.cancelled) return outcome;
    const Status status = work(executor, control_, &outcome.reply);
    if (status.ok()) {
      outcome.ending = Ending::kOk;
    } else if (status.code != Code::kCancelled) {
      outcome = {Ending::kError, code_name(status.code), status.message, nullptr};
    }
  } catch (const std::bad_alloc&) {
    outcome = {Ending::kError, code_name(Code::kOutOfMemory), "not enough memory", nullptr};
  } catch (const std::exception& error) {
    outcome = {Ending::kError, "internal", error.what(), nullptr};
  } catch (...) {
    outcome = {Ending::kError, "internal", "unknown exception", nullptr};
  }
  return outcome;
}

void BackgroundJob::finish(Outcome outcome) {
  if (settle()) outbox_->post(id_, std::move(outcome));
}

bool BackgroundJob::cancel() {
  control_.cancelled = true;
  if (!settle()) return false;
  outbox_->post(id_, Outcome{});
  return true;
}

void BackgroundJob::abandon() {
  control_.cancelled = true;
  settle();
}

}  // namespace polarimeter::addon
