#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <limits>
#include <thread>

#include "element_reference.h"
#include "scratch_file.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

Code run(const ElementPassRequest& request) {
  Executor executor(2);
  Control control;
  ElementPassResult result;
  const Status status = element_pass(request, executor, control, &result);
  CHECK(status.ok() == status.message.empty());
  if (!status.ok()) CHECK(result.pairs.empty());
  return status.code;
}

ElementPassRequest request_of(const ScratchFile& reference, const ScratchFile& variant, Access access) {
  ElementPassRequest request;
  request.reference = {reference.open(access), 0, DType::kBF16, 1024, 512};
  request.variants = {{variant.open(access), 0, DType::kBF16, 1024, 512}};
  request.isa = best_isa();
  return request;
}

}  // namespace

TEST_CASE("requests that contradict themselves are refused") {
  const ScratchFile a;
  const ScratchFile b;
  REQUIRE(a.resize(1 << 20U));
  REQUIRE(b.resize(1 << 20U));
  ElementPassRequest request = request_of(a, b, Access::kMap);
  CHECK(run(request) == Code::kOk);
  SUBCASE("no variant") { request.variants.clear(); }
  SUBCASE("65 variants") { request.variants.resize(65, request.variants[0]); }
  SUBCASE("another shape of as many elements") { std::swap(request.variants[0].rows, request.variants[0].cols); }
  SUBCASE("no file") { request.variants[0].file = nullptr; }
  SUBCASE("negative rows") { request.reference.rows = -1; }
  SUBCASE("shape overflows") {
    request.reference.rows = request.variants[0].rows = std::int64_t{1} << 40U;
    request.reference.cols = request.variants[0].cols = std::int64_t{1} << 40U;
  }
  SUBCASE("nine thresholds") { request.bf16_thresholds.resize(9, 1.0F); }
  SUBCASE("thresholds descend") { request.bf16_thresholds = {1.0F, 0.5F}; }
  SUBCASE("negative threshold") { request.bf16_thresholds = {-1.0F}; }
  SUBCASE("threshold NaN") { request.bf16_thresholds = {std::numeric_limits<float>::quiet_NaN()}; }
  SUBCASE("threshold infinite") { request.bf16_thresholds = {std::numeric_limits<float>::infinity()}; }
  SUBCASE("overlaps of one variant") { request.overlaps = true; }
  SUBCASE("an instruction set that does not exist") { request.isa = static_cast<Isa>(9); }
  CHECK(run(request) == Code::kInvalidArgument);
}

TEST_CASE("profiles of 2^32 rows are refused before any memory is asked for") {
  const ScratchFile sparse;
  if (!sparse.resize(std::uint64_t{1} << 33U)) return;
  ElementPassRequest request = request_of(sparse, sparse, Access::kMap);
  request.profiles = true;
  request.reference.rows = request.variants[0].rows = std::int64_t{1} << 32U;
  request.reference.cols = request.variants[0].cols = 1;
  CHECK(run(request) == Code::kInvalidArgument);
}

TEST_CASE("a view beyond the end of its file") {
  const ScratchFile a;
  const ScratchFile b;
  REQUIRE(a.resize(1 << 20U));
  REQUIRE(b.resize((1 << 20U) - 1));
  CHECK(run(request_of(a, b, Access::kMap)) == Code::kFileTooShort);
  CHECK(run(request_of(b, a, Access::kRead)) == Code::kFileTooShort);
}

TEST_CASE("a file cut short under the pass ends it, and the process lives") {
  for (const Access access : {Access::kMap, Access::kRead}) {
    const ScratchFile a;
    const ScratchFile b;
    REQUIRE(a.resize(1 << 20U));
    REQUIRE(b.resize(1 << 20U));
    const ElementPassRequest request = request_of(a, b, access);
    REQUIRE(b.resize(5000));
    CHECK(run(request) == Code::kFileChanged);
    CHECK(run(request) == Code::kFileChanged);
  }
}

TEST_CASE("a file cut short while the pass runs") {
  const ScratchFile a;
  const ScratchFile b;
  const std::uint64_t length = std::uint64_t{256} << 20U;
  REQUIRE(a.resize(length));
  REQUIRE(b.resize(length));
  ElementPassRequest request = request_of(a, b, Access::kMap);
  request.reference.rows = request.variants[0].rows = static_cast<std::int64_t>(length / 1024);
  Executor executor(2);
  Control control;
  ElementPassResult result;
  auto pass = std::async(std::launch::async, [&] { return element_pass(request, executor, control, &result); });
  while (control.done == 0 && pass.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    std::this_thread::yield();
  REQUIRE(b.resize(100));
  CHECK(pass.get().code == Code::kFileChanged);
}

TEST_CASE("bytes written during the pass are noticed") {
  const ScratchFile a;
  const ScratchFile b;
  REQUIRE(a.resize(1 << 20U));
  REQUIRE(b.resize(1 << 20U));
  REQUIRE(a.age(60));
  const ElementPassRequest request = request_of(a, b, Access::kMap);
  REQUIRE(a.write_at(77, "x", 1));
  CHECK(run(request) == Code::kFileChanged);
}

namespace {

/// Seconds between asking a pass over `length` bytes of file to stop and its answer.
double cancel_latency(const ScratchFile& sparse, std::uint64_t length, Isa isa) {
  ElementPassRequest request = request_of(sparse, sparse, Access::kMap);
  request.isa = isa;
  request.profiles = true;
  request.reference.cols = 8192;
  request.reference.rows = static_cast<std::int64_t>(length / 2 / 8192);
  request.variants.assign(5, request.reference);
  Executor executor(2);
  Control control;
  ElementPassResult result;
  auto pass = std::async(std::launch::async, [&] { return element_pass(request, executor, control, &result); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto start = std::chrono::steady_clock::now();
  control.cancelled = true;
  CHECK(pass.get().code == Code::kCancelled);
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
  CHECK(control.done < control.total);
  return waited.count();
}

}  // namespace

TEST_CASE("cancelling a pass over 8 GB of file ends it within 200 ms") {
  const ScratchFile sparse;
  const std::uint64_t length = std::uint64_t{8} << 30U;
  if (!sparse.resize(length)) return;
  for (const Isa isa : available_isas()) {
    // The least of three: the promise is about this code, not about what else keeps the machine busy.
    double least = 1;
    for (int attempt = 0; attempt < 3; ++attempt) least = std::min(least, cancel_latency(sparse, length, isa));
    CHECK(least < 0.2);
  }
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("out of memory is an answer") {
  const ScratchFile a;
  REQUIRE(a.resize(std::uint64_t{2} << 30U));
  ElementPassRequest request = request_of(a, a, Access::kMap);
  request.profiles = true;
  request.reference.rows = 1;
  request.reference.cols = std::int64_t{1} << 30U;
  request.variants.assign(1, request.reference);
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  rlimit tight = before;
  // The column profile takes 4 GiB; a quarter of that is left.
  tight.rlim_cur = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + (std::uint64_t{1} << 30U);
  REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
  const Code code = run(request);
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(code == Code::kOutOfMemory);
}
#endif
