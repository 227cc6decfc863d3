#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

#include "change_reference.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

constexpr std::int64_t kCols = 8192;

ChangeTileRequest whole_of(const ScratchFile& file, std::uint64_t length, std::size_t variants, Access access) {
  ChangeTileRequest request;
  request.reference = {file.open(access), 0, DType::kBF16, static_cast<std::int64_t>(length / 2 / kCols), kCols};
  request.variants.assign(variants, request.reference);
  request.rows = request.reference.rows;
  request.cols = kCols;
  request.level = kHighestLevel;
  request.reduction = ChangeReduction::kConsensus;
  request.isa = best_isa();
  return request;
}

/// Seconds between asking an operation to stop and its answer.
template <class Operation>
double cancel_latency(Operation operation) {
  Control control;
  auto running = std::async(std::launch::async, [&] { return operation(control); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto start = std::chrono::steady_clock::now();
  control.cancelled = true;
  CHECK(running.get().code == Code::kCancelled);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The least of three: the promise is about this code, not about what else keeps the machine busy.
template <class Operation>
double least_latency(Operation operation) {
  double least = 1;
  for (int attempt = 0; attempt < 3; ++attempt) least = std::min(least, cancel_latency(operation));
  return least;
}

}  // namespace

TEST_CASE("cancelling a tile or a histogram over 8 GB of file ends it within 200 ms") {
  const ScratchFile sparse;
  const std::uint64_t length = std::uint64_t{8} << 30U;
  if (!sparse.resize(length)) return;
  Executor executor(2);
  for (const Access access : {Access::kMap, Access::kRead}) {
    const ChangeTileRequest request = whole_of(sparse, length, access == Access::kMap ? 64 : 5, access);
    const double tile = least_latency([&](Control& control) {
      ChangeTile made;
      return change_tile(request, executor, control, &made);
    });
    CHECK(tile < 0.2);
    const double steps = least_latency([&](Control& control) {
      StepHistogram made;
      return step_histogram({request.reference, request.variants[0], best_isa()}, executor, control, &made);
    });
    CHECK(steps < 0.2);
  }
}

TEST_CASE("bytes written after the file was opened make every operation fail") {
  for (const Access access : {Access::kMap, Access::kRead}) {
    const ScratchFile file;
    REQUIRE(file.resize(1 << 20U));
    REQUIRE(file.age(60));
    const ChangeTileRequest request = whole_of(file, 1 << 20U, 2, access);
    REQUIRE(file.write_at(77, "x", 1));
    Executor executor(2);
    Control control;
    ChangeTile tile;
    CHECK(change_tile(request, executor, control, &tile).code == Code::kFileChanged);
    CHECK(tile.pixels.empty());
    StepHistogram histogram;
    CHECK(step_histogram({request.reference, request.variants[0], best_isa()}, executor, control, &histogram).code ==
          Code::kFileChanged);
    WeightsAt weights;
    CHECK(weights_at({request.reference, request.variants, 0, 0}, control, &weights).code == Code::kFileChanged);
    CHECK(weights.variants.empty());
  }
}

TEST_CASE("tensors beyond the end of their file are refused") {
  const ScratchFile file;
  REQUIRE(file.resize(1 << 20U));
  ChangeTileRequest request = whole_of(file, 1 << 20U, 1, Access::kMap);
  request.variants[0].offset = 2;
  Executor executor(1);
  Control control;
  ChangeTile tile;
  CHECK(change_tile(request, executor, control, &tile).code == Code::kFileTooShort);
  StepHistogram histogram;
  CHECK(step_histogram({request.reference, request.variants[0], best_isa()}, executor, control, &histogram).code ==
        Code::kFileTooShort);
  request.variants[0] = request.reference;
  request.variants[0].cols = 1;
  CHECK(step_histogram({request.reference, request.variants[0], best_isa()}, executor, control, &histogram).code ==
        Code::kInvalidArgument);
}
