#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <new>

#include "core/chunk_run.h"
#include "core/scratch_pool.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

constexpr std::uint64_t kBlockBytes = std::uint64_t{4} << 20U;

using Digest = XXH128_canonical_t;
using Buffer = std::vector<std::byte>;

Status hash_block(const ByteRange& stored, std::uint64_t block, Buffer* buffer, Digest* digest) {
  const std::uint64_t first = block * kBlockBytes;
  const auto length = static_cast<std::size_t>(std::min(kBlockBytes, stored.length - first));
  if (stored.file->access() == Access::kRead) buffer->resize(std::max(buffer->size(), length));
  const std::byte* bytes = nullptr;
  Status status = stored.file->bytes(stored.offset + first, length, buffer->data(), &bytes);
  if (!status.ok()) return status;
  XXH128_canonicalFromHash(digest, XXH3_128bits(bytes, length));
  return Status::Ok();
}

Status hash_view(const TensorView& w, Executor& executor, Control& control, ContentHash* hash) {
  ByteRange stored;
  if (Status status = w.stored_bytes(&stored); !status.ok()) return status;
  const std::uint64_t total = stored.length;
  const std::uint64_t blocks = (total + kBlockBytes - 1) / kBlockBytes;
  control.total.store(total, std::memory_order_relaxed);
  std::vector<Digest> digests(blocks);
  ScratchPool<Buffer> buffers([] { return std::make_unique<Buffer>(); });
  const auto body = [&](std::int64_t chunk) {
    const auto block = static_cast<std::uint64_t>(chunk);
    std::unique_ptr<Buffer> buffer = buffers.take();
    Status status = hash_block(stored, block, buffer.get(), &digests[block]);
    buffers.give_back(std::move(buffer));
    control.done.fetch_add(std::min(kBlockBytes, total - block * kBlockBytes), std::memory_order_relaxed);
    return status;
  };
  const Status status = run_chunks(static_cast<std::int64_t>(blocks), executor, control, {w}, body);
  if (!status.ok()) return status;
  const XXH128_hash_t all = XXH3_128bits(digests.data(), digests.size() * sizeof(Digest));
  *hash = {all.low64, all.high64};
  return Status::Ok();
}

}  // namespace

Status content_hash(const TensorView& w, Executor& executor, Control& control, ContentHash* hash) try {
  *hash = ContentHash();
  if (Status status = w.validate(); !status.ok()) return status;
  return hash_view(w, executor, control, hash);
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

}  // namespace polarimeter
