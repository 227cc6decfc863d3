#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <new>

#include "core/chunk_run.h"
#include "core/element_geometry.h"
#include "core/scratch_pool.h"
#include "cpu/element_block.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using Buffer = std::vector<std::byte>;

constexpr auto kBlockElements = static_cast<std::uint64_t>(ElementGeometry::kBlockElements);

std::uint64_t sum_bytes(const ElementKernels& kernels, const std::byte* bytes, std::uint64_t length) {
  const std::uint64_t words = length / 8;
  std::uint64_t last = 0;
  std::memcpy(&last, bytes + 8 * words, static_cast<std::size_t>(length % 8));
  return kernels.sum_words(bytes, static_cast<std::int64_t>(words)) + last;
}

/// Adds block `block` of a view, nothing past its end.
Status add_block(const TensorView& view, std::uint64_t block, const ElementKernels& kernels, Buffer* buffer,
                 ByteSum* out) {
  const auto total = static_cast<std::uint64_t>(view.elements());
  const std::uint64_t first = block * kBlockElements;
  if (first >= total) return Status::Ok();
  const auto count = static_cast<std::int64_t>(std::min(kBlockElements, total - first));
  const auto length = static_cast<std::size_t>(count * element_size(view.dtype));
  if (view.needs_scratch()) buffer->resize(std::max(buffer->size(), length));
  const std::byte* bytes = nullptr;
  Status status = view.read(static_cast<std::int64_t>(first), count, buffer->data(), &bytes);
  if (!status.ok()) return status;
  out->sum += sum_bytes(kernels, bytes, length);
  out->bytes += length;
  return Status::Ok();
}

std::uint64_t most_blocks(const std::vector<TensorView>& views) {
  std::uint64_t most = 0;
  for (const TensorView& view : views) {
    most = std::max(most, (static_cast<std::uint64_t>(view.elements()) + kBlockElements - 1) / kBlockElements);
  }
  return most;
}

Status sum_views(const std::vector<TensorView>& views, Executor& executor, Control& control, ByteSum* out) {
  const auto start = std::chrono::steady_clock::now();
  constexpr auto kPerChunk = static_cast<std::uint64_t>(ElementGeometry::kBlocksPerChunk);
  const ElementKernels& kernels = element_kernels(best_isa());
  const std::uint64_t blocks = most_blocks(views);
  control.total.store(total_bytes(views), std::memory_order_relaxed);
  std::atomic<std::uint64_t> sum{0};
  ScratchPool<Buffer> buffers([] { return std::make_unique<Buffer>(); });
  const auto body = [&](std::int64_t chunk) {
    std::unique_ptr<Buffer> buffer = buffers.take();
    const std::uint64_t begin = static_cast<std::uint64_t>(chunk) * kPerChunk;
    Status status;
    for (std::uint64_t block = begin; block < std::min(begin + kPerChunk, blocks) && status.ok(); ++block) {
      if (control.cancelled.load(std::memory_order_relaxed)) status = Status::Error(Code::kCancelled, "Cancelled.");
      ByteSum part;
      for (const TensorView& view : views) {
        if (status.ok()) status = add_block(view, block, kernels, buffer.get(), &part);
      }
      sum.fetch_add(part.sum, std::memory_order_relaxed);
      control.done.fetch_add(part.bytes, std::memory_order_relaxed);
    }
    buffers.give_back(std::move(buffer));
    return status;
  };
  const auto chunks = static_cast<std::int64_t>((blocks + kPerChunk - 1) / kPerChunk);
  if (Status status = run_chunks(chunks, executor, control, views, body); !status.ok()) return status;
  *out = {sum.load(), total_bytes(views),
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
  return Status::Ok();
}

}  // namespace

Status byte_sum(const std::vector<TensorView>& views, Executor& executor, Control& control, ByteSum* out) try {
  *out = ByteSum();
  if (views.empty()) return Status::Error(Code::kInvalidArgument, "byte_sum: needs at least one view.");
  for (const TensorView& view : views) {
    if (Status status = view.validate(); !status.ok()) return status;
  }
  return sum_views(views, executor, control, out);
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

}  // namespace polarimeter
