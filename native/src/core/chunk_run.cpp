#include "core/chunk_run.h"

#include <atomic>
#include <mutex>

namespace polarimeter {

Status run_chunks(std::int64_t chunks, Executor& executor, Control& control, const std::vector<TensorView>& views,
                  const std::function<Status(std::int64_t)>& body) {
  std::atomic<bool> failed{false};
  std::mutex mutex;
  Status first;
  executor.parallel_for(chunks, [&](std::int64_t chunk) {
    if (failed.load(std::memory_order_relaxed)) return;
    Status status =
        control.cancelled.load(std::memory_order_relaxed) ? Status::Error(Code::kCancelled, "Cancelled.") : body(chunk);
    if (status.ok()) return;
    const std::lock_guard lock(mutex);
    if (first.ok()) first = std::move(status);
    failed.store(true, std::memory_order_relaxed);
  });
  if (first.code == Code::kCancelled) return first;
  for (const TensorView& view : views) {
    if (Status status = view.check_unchanged(); !status.ok()) return status;
  }
  return first;
}

std::uint64_t total_bytes(const std::vector<TensorView>& views) {
  std::uint64_t bytes = 0;
  for (const TensorView& view : views) bytes += static_cast<std::uint64_t>(view.elements() * element_size(view.dtype));
  return bytes;
}

Status out_of_memory() noexcept { return Status::Error(Code::kOutOfMemory, "Out of memory."); }

}  // namespace polarimeter
