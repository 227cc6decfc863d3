#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "core/chunk_run.h"
#include "core/element_geometry.h"
#include "core/scratch_pool.h"
#include "cpu/element_codes.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

/// Tables side by side: neighbouring weights often share an exponent, and one table would wait for its own last store.
constexpr int kTables = 4;

struct Scratch {
  std::vector<std::byte> bytes;
  std::array<std::array<std::uint32_t, kExponents>, kTables> tables{};
};

std::uint16_t code_at(DType dtype, const std::byte* bytes, std::int64_t i) {
  if (dtype == DType::kBF16 || dtype == DType::kF16) {
    const std::uint16_t code = load_code(bytes, i);
    return dtype == DType::kBF16 ? code : bf16_of_float(float_of_f16(code));
  }
  if (dtype == DType::kF32) {
    float value = 0;
    std::memcpy(&value, bytes + 4 * i, 4);
    return bf16_of_float(value);
  }
  double value = 0;
  std::memcpy(&value, bytes + 8 * i, 8);
  return bf16_of_double(value);
}

/// `dtype` is constant in every call, so that each loop is compiled for one element type.
template <DType dtype>
void count_exponents(const std::byte* bytes, std::int64_t count, Scratch* scratch) {
  std::int64_t i = 0;
  for (; i + kTables <= count; i += kTables) {
    for (int table = 0; table < kTables; ++table) {
      ++scratch->tables[static_cast<std::size_t>(table)][(code_at(dtype, bytes, i + table) >> 7U) & 0xffU];
    }
  }
  for (; i < count; ++i) ++scratch->tables[0][(code_at(dtype, bytes, i) >> 7U) & 0xffU];
}

void count_exponents(DType dtype, const std::byte* bytes, std::int64_t count, Scratch* scratch) {
  switch (dtype) {
    case DType::kF64:
      return count_exponents<DType::kF64>(bytes, count, scratch);
    case DType::kF32:
      return count_exponents<DType::kF32>(bytes, count, scratch);
    case DType::kF16:
      return count_exponents<DType::kF16>(bytes, count, scratch);
    case DType::kBF16:
      return count_exponents<DType::kBF16>(bytes, count, scratch);
  }
}

Status count_view(const TensorView& w, Executor& executor, Control& control,
                  std::array<std::uint64_t, kExponents>* counts) {
  const std::int64_t block = ElementGeometry::kBlockElements;
  const std::int64_t blocks = (w.elements() + block - 1) / block;
  const std::int64_t size = element_size(w.dtype);
  control.total.store(total_bytes({w}), std::memory_order_relaxed);
  std::array<std::atomic<std::uint64_t>, kExponents> sums{};
  ScratchPool<Scratch> pool([] { return std::make_unique<Scratch>(); });
  const auto body = [&](std::int64_t chunk) {
    const std::int64_t count = std::min(block, w.elements() - chunk * block);
    const auto length = static_cast<std::size_t>(count * size);
    std::unique_ptr<Scratch> scratch = pool.take();
    scratch->tables = {};
    if (w.needs_scratch()) scratch->bytes.resize(std::max(scratch->bytes.size(), length));
    const std::byte* bytes = nullptr;
    Status status = w.read(chunk * block, count, scratch->bytes.data(), &bytes);
    if (status.ok()) {
      count_exponents(w.dtype, bytes, count, scratch.get());
      for (const auto& table : scratch->tables) {
        for (std::size_t e = 0; e < table.size(); ++e) sums[e].fetch_add(table[e], std::memory_order_relaxed);
      }
    }
    pool.give_back(std::move(scratch));
    control.done.fetch_add(length, std::memory_order_relaxed);
    return status;
  };
  if (Status status = run_chunks(blocks, executor, control, {w}, body); !status.ok()) return status;
  for (std::size_t e = 0; e < sums.size(); ++e) (*counts)[e] = sums[e].load();
  return Status::Ok();
}

}  // namespace

Status exponent_histogram(const TensorView& w, Executor& executor, Control& control,
                          std::array<std::uint64_t, kExponents>* counts) try {
  *counts = {};
  if (Status status = w.validate(); !status.ok()) return status;
  return count_view(w, executor, control, counts);
} catch (const std::bad_alloc&) {
  return out_of_memory();
}

}  // namespace polarimeter
