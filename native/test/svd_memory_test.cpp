#include <doctest/doctest.h>
#include <malloc.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

#include "mask_reference.h"
#include "matrix_file.h"
#include "polarimeter/ops.h"

namespace {

std::atomic<std::int64_t> in_use{0};
std::atomic<std::int64_t> peak{0};

void* counted(void* memory) noexcept {
  if (!memory) return nullptr;
  const std::int64_t now = in_use += static_cast<std::int64_t>(malloc_usable_size(memory));
  std::int64_t seen = peak;
  while (seen < now && !peak.compare_exchange_weak(seen, now)) {
  }
  return memory;
}

void release(void* memory) noexcept {
  if (memory) in_use -= static_cast<std::int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

void* aligned(std::size_t size, std::align_val_t alignment) noexcept {
  void* memory = nullptr;
  return posix_memalign(&memory, static_cast<std::size_t>(alignment), size) == 0 ? counted(memory) : nullptr;
}

void* or_throw(void* memory) {
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Every allocation of the test program, so that the promised bounds can be held against what is taken.
void* operator new(std::size_t size) { return or_throw(counted(std::malloc(size ? size : 1))); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(std::malloc(size ? size : 1)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return or_throw(aligned(size, alignment)); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned(size, alignment);
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace polarimeter {
namespace {

using testing::MatrixFile;

TEST_CASE("no route takes more memory than it says, nor says much more than it takes") {
  struct Case {
    std::int64_t rows, cols, top, bottom, middle;
  };
  for (const Case c : {Case{900, 700, 0, 0, 0},
                       {900, 700, 100, 30, 0},
                       {900, 700, 100, 30, 120},
                       {500, 1800, 250, 250, 0},
                       {500, 1800, 0, 0, 500},
                       {3000, 200, 20, 0, 0},
                       {1, 5000, 1, 0, 0}}) {
    const MatrixFile file(testing::gaussian(c.rows, c.cols, 1), DType::kBF16, Access::kRead);
    const MatrixFile base(testing::gaussian(c.rows, c.cols, 2), DType::kF32, Access::kRead);
    const SvdRequest request{file.view(), base.view(), c.top, c.bottom, c.middle};
    for (const auto& [route, promised] : {std::pair{&svd_gram_f64, svd_gram_f64_bytes(request)},
                                          std::pair{&svd_direct_f64, svd_direct_f64_bytes(request)}}) {
      CAPTURE(c.rows);
      CAPTURE(c.cols);
      CAPTURE(c.top);
      Control control;
      Svd svd;
      const std::int64_t before = in_use;
      peak = before;
      REQUIRE(route(request, control, &svd).ok());
      const std::int64_t taken = peak - before;
      CHECK(taken <= static_cast<std::int64_t>(promised));
      CHECK(static_cast<double>(promised) <= 1.5 * static_cast<double>(taken) + (4 << 20));
    }
  }
}

TEST_CASE("masks take no more memory than they say, nor much less") {
  for (const auto& [rows, cols, k] : {std::array<std::int64_t, 3>{1500, 1200, 64}, {40, 30, 4}, {2, 600'000, 1}}) {
    CAPTURE(rows);
    const MatrixFile file(testing::gaussian(rows, cols, 1), DType::kBF16, Access::kRead);
    const MaskOverlapRequest request{file.view(), file.view(), k, 0.3, 1};
    const Svd svd = testing::integer_svd(rows, cols, k, 1);
    Control control;
    MaskOverlap overlap;
    const std::int64_t before = in_use;
    peak = before;
    REQUIRE(mask_overlap(request, svd, control, &overlap).ok());
    const std::int64_t taken = peak - before;
    const auto promised = static_cast<double>(mask_overlap_bytes(request));
    CHECK(static_cast<double>(taken) <= promised);
    CHECK(promised <= 1.2 * static_cast<double>(taken) + (4 << 20));
  }
}

TEST_CASE("the bound of an absurd request saturates") {
  SvdRequest request;
  request.w.rows = request.w.cols = std::int64_t{1} << 40;
  CHECK(svd_gram_f64_bytes(request) >= std::uint64_t{1} << 60);
  CHECK(svd_direct_f64_bytes(request) >= std::uint64_t{1} << 60);
}

}  // namespace
}  // namespace polarimeter
