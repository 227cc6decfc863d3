#include <algorithm>
#include <bit>
#include <memory>
#include <new>

#include "core/change_pixels.h"
#include "core/chunk_run.h"
#include "core/code_reader.h"
#include "core/pair_checks.h"
#include "core/scratch_pool.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

/// Columns of a block: a power of two, so that blocks end where pixels do.
constexpr std::int64_t kBlockCols = std::int64_t{1} << 14;
constexpr std::int64_t kBlockWeights = std::int64_t{1} << 18;

/// How a tile is cut into blocks: by its shape alone.
class Blocks {
 public:
  Blocks(std::int64_t rows, std::int64_t cols)
      : rows_(rows),
        cols_(cols),
        width_(std::min(cols, kBlockCols)),
        height_(static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(kBlockWeights / width_)))),
        across_((cols - 1) / width_ + 1),
        down_((rows - 1) / height_ + 1) {}

  std::int64_t count() const { return across_ * down_; }
  /// Counted from the first weight of the tile.
  Region block(std::int64_t index) const {
    const std::int64_t row = index / across_ * height_;
    const std::int64_t col = index % across_ * width_;
    return {row, col, std::min(height_, rows_ - row), std::min(width_, cols_ - col)};
  }

 private:
  std::int64_t rows_;
  std::int64_t cols_;
  std::int64_t width_;
  std::int64_t height_;
  std::int64_t across_;
  std::int64_t down_;
};

struct Worker {
  Worker(const ElementKernels& kernels, std::size_t views, ChangeReduction reduction)
      : reader(kernels, views), counter(kernels, reduction), codes(views) {}

  CodeReader reader;
  ColumnCounter counter;
  std::vector<CodeRows> codes;
};

Status invalid(const char* what) { return Status::Error(Code::kInvalidArgument, std::string("change_tile: ") + what); }

Status validate(const ChangeTileRequest& request) {
  const std::vector<TensorView> views = reference_first(request.reference, request.variants);
  if (Status status = check_pairs("change_tile", views, request.isa); !status.ok()) return status;
  if (request.reduction != ChangeReduction::kConsensus && request.variants.size() != 1) {
    return invalid("only consensus takes several variants.");
  }
  if (request.level < 0 || request.level > kHighestLevel) return invalid("the level lies outside 0 to 24.");
  const auto outside = [](std::int64_t first, std::int64_t count, std::int64_t all) {
    return first < 0 || count < 1 || count > all || first > all - count;
  };
  if (outside(request.row, request.rows, request.reference.rows) ||
      outside(request.col, request.cols, request.reference.cols)) {
    return invalid("the region does not lie in the matrix.");
  }
  const std::int64_t rows = ((request.rows - 1) >> request.level) + 1;
  const std::int64_t cols = ((request.cols - 1) >> request.level) + 1;
  if (rows > kMostPixels / cols) return invalid("the region has more than 2^20 pixels at this level.");
  return Status::Ok();
}

Status run(const ChangeTileRequest& request, Executor& executor, Control& control, ChangeTile* tile) {
  const std::vector<TensorView> views = reference_first(request.reference, request.variants);
  const ElementKernels& kernels = element_kernels(request.isa);
  std::uint64_t bytes_per_weight = 0;
  for (const TensorView& view : views) bytes_per_weight += static_cast<std::uint64_t>(element_size(view.dtype));
  tile->bytes = bytes_per_weight * static_cast<std::uint64_t>(request.rows * request.cols);
  control.total.store(tile->bytes, std::memory_order_relaxed);
  const Blocks blocks(request.rows, request.cols);
  ChangePixels pixels(request);
  ScratchPool<Worker> workers([&] { return std::make_unique<Worker>(kernels, views.size(), request.reduction); });
  const Status status = run_chunks(blocks.count(), executor, control, views, [&](std::int64_t chunk) {
    const Region block = blocks.block(chunk);
    const Region region{request.row + block.row, request.col + block.col, block.rows, block.cols};
    std::unique_ptr<Worker> worker = workers.take();
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (control.cancelled.load(std::memory_order_relaxed)) return Status::Error(Code::kCancelled, "Cancelled.");
      Status read = worker->reader.read(i, views[i], region, &worker->codes[i]);
      if (!read.ok()) return read;
    }
    Status counted = worker->counter.count(worker->codes, block, control, &pixels);
    if (!counted.ok()) return counted;
    workers.give_back(std::move(worker));
    control.done.fetch_add(bytes_per_weight * static_cast<std::uint64_t>(block.rows * block.cols),
                           std::memory_order_relaxed);
    return Status::Ok();
  });
  if (!status.ok()) return status;
  tile->rows = pixels.rows();
  tile->cols = pixels.cols();
  tile->pixels = pixels.bytes();
  return Status::Ok();
}

}  // namespace

Status change_tile(const ChangeTileRequest& request, Executor& executor, Control& control, ChangeTile* tile) try {
  *tile = ChangeTile();
  if (Status status = validate(request); !status.ok()) return status;
  Status status = run(request, executor, control, tile);
  if (!status.ok()) *tile = ChangeTile();
  return status;
} catch (const std::bad_alloc&) {
  *tile = ChangeTile();
  return out_of_memory();
}

}  // namespace polarimeter
