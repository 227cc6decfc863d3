#include <array>
#include <atomic>
#include <memory>
#include <new>

#include "core/chunk_run.h"
#include "core/code_reader.h"
#include "core/element_geometry.h"
#include "core/pair_checks.h"
#include "core/scratch_pool.h"
#include "cpu/element_codes.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

constexpr std::size_t kCells = std::size_t{2} * kExponents * kStepBins;
/// Tables side by side: neighbouring weights often share a cell, and one table would wait for its own last store.
constexpr std::int64_t kTables = 4;

using Table = std::array<std::uint32_t, kCells>;

struct Worker {
  explicit Worker(const ElementKernels& all) : kernels(all), reader(all, 2) {}

  /// Adds the cells of a run of at most kTileElements weights.
  void count(const std::byte* reference, const std::byte* variant, std::int64_t length) {
    if (!kernels.all_finite(reference, length) || !kernels.all_finite(variant, length)) {
      length = keep_valid(&reference, &variant, length);
    }
    kernels.step_cells(reference, variant, length, cells.data());
    std::int64_t i = 0;
    for (; i + kTables <= length; i += kTables) {
      for (std::int64_t table = 0; table < kTables; ++table) {
        ++tables[static_cast<std::size_t>(table)][cells[static_cast<std::size_t>(i + table)]];
      }
    }
    for (; i < length; ++i) ++tables[0][cells[static_cast<std::size_t>(i)]];
  }

  /// Moves the weights that are valid on both sides together; returns how many those are.
  std::int64_t keep_valid(const std::byte** reference, const std::byte** variant, std::int64_t length) {
    std::size_t kept = 0;
    for (std::int64_t i = 0; i < length; ++i) {
      const std::uint16_t w = load_code(*reference, i);
      const std::uint16_t v = load_code(*variant, i);
      if ((w & 0x7FFFU) >= 0x7F80U || (v & 0x7FFFU) >= 0x7F80U) continue;
      valid[0][kept] = w;
      valid[1][kept] = v;
      ++kept;
    }
    invalid += static_cast<std::uint64_t>(length) - kept;
    *reference = reinterpret_cast<const std::byte*>(valid[0].data());
    *variant = reinterpret_cast<const std::byte*>(valid[1].data());
    return static_cast<std::int64_t>(kept);
  }

  const ElementKernels& kernels;
  CodeReader reader;
  std::array<Table, kTables> tables{};
  std::uint64_t invalid = 0;
  alignas(64) std::array<std::uint16_t, kTileElements> cells{};
  std::array<std::array<std::uint16_t, kTileElements>, 2> valid{};
};

struct Sums {
  std::array<std::atomic<std::uint64_t>, kCells> cells{};
  std::atomic<std::uint64_t> invalid{0};

  void add(const Worker& worker) {
    for (const Table& table : worker.tables) {
      for (std::size_t cell = 0; cell < kCells; ++cell) {
        if (table[cell] != 0) cells[cell].fetch_add(table[cell], std::memory_order_relaxed);
      }
    }
    invalid.fetch_add(worker.invalid, std::memory_order_relaxed);
  }

  StepHistogram histogram() const {
    StepHistogram result;
    result.invalid = invalid.load();
    for (std::size_t exponent = 0; exponent < kExponents; ++exponent) {
      for (std::size_t bin = 0; bin < kStepBins; ++bin) {
        const std::size_t cell = 2 * kStepBins * exponent + bin;
        result.up[exponent][bin] = cells[cell].load();
        result.down[exponent][bin] = cells[cell + kStepBins].load();
      }
    }
    return result;
  }
};

Status run(const StepHistogramRequest& request, Executor& executor, Control& control, StepHistogram* histogram) {
  const std::vector<TensorView> views = {request.reference, request.variant};
  control.total.store(total_bytes(views), std::memory_order_relaxed);
  const ElementGeometry geometry(request.reference.rows, request.reference.cols);
  const auto sums = std::make_unique<Sums>();
  ScratchPool<Worker> workers([&] { return std::make_unique<Worker>(element_kernels(request.isa)); });
  const auto body = [&](std::int64_t chunk) {
    const ElementBlock block = geometry.block(chunk);
    const Region region{block.row, block.col, block.rows, block.cols};
    std::unique_ptr<Worker> worker = workers.take();
    worker->tables = {};
    worker->invalid = 0;
    std::array<CodeRows, 2> codes;
    for (std::size_t i = 0; i < 2; ++i) {
      if (Status read = worker->reader.read(i, views[i], region, &codes[i]); !read.ok()) return read;
    }
    // Rows of a block follow each other without gaps.
    for (std::int64_t i = 0; i < block.elements(); i += kTileElements) {
      worker->count(codes[0].first + 2 * i, codes[1].first + 2 * i, std::min(kTileElements, block.elements() - i));
    }
    sums->add(*worker);
    workers.give_back(std::move(worker));
    for (const TensorView& view : views) {
      control.done.fetch_add(static_cast<std::uint64_t>(block.elements() * element_size(view.dtype)),
                             std::memory_order_relaxed);
    }
    return Status::Ok();
  };
  if (Status status = run_chunks(geometry.blocks(), executor, control, views, body); !status.ok()) return status;
  *histogram = sums->histogram();
  return Status::Ok();
}

}  // namespace

Status step_histogram(const StepHistogramRequest& request, Executor& executor, Control& control,
                      StepHistogram* histogram) try {
  *histogram = StepHistogram();
  Status status = check_pairs("step_histogram", {request.reference, request.variant}, request.isa);
  return status.ok() ? run(request, executor, control, histogram) : status;
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

}  // namespace polarimeter
