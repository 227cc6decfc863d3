#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <thread>

#include "mask_reference.h"
#include "matrix_file.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using testing::integer_svd;
using testing::Matrix;
using testing::MatrixFile;

Status outcome(const MaskOverlapRequest& request, const Svd& svd) {
  Control control;
  MaskOverlap overlap;
  Status status = mask_overlap(request, svd, control, &overlap);
  CHECK(status.ok() == status.message.empty());
  if (!status.ok()) CHECK(overlap.n + overlap.update + overlap.principal.size == 0);
  return status;
}

TEST_CASE("requests that contradict themselves are refused") {
  const MatrixFile file(testing::gaussian(20, 10, 1), DType::kF32), other(testing::gaussian(10, 20, 1), DType::kF32);
  Svd svd = integer_svd(20, 10, 3, 1);
  MaskOverlapRequest request{file.view(), file.view(), 3, 0.5, 0};
  CHECK(outcome(request, svd).ok());
  SUBCASE("another shape") { request.variant = other.view(); }
  SUBCASE("a decomposition of another shape") { svd = integer_svd(10, 20, 3, 1); }
  SUBCASE("more triplets than there are") { request.k = 4; }
  SUBCASE("no triplet") { request.k = 0; }
  SUBCASE("fewer than no triplet") { request.k = -1; }
  SUBCASE("fewer right vectors") { svd.right_top.count = 2; }
  SUBCASE("a decomposition without vectors") { svd = Svd(); }
  SUBCASE("share above one") { request.share = 1.0000001; }
  SUBCASE("share below zero") { request.share = -0.1; }
  SUBCASE("share NaN") { request.share = std::nan(""); }
  SUBCASE("no file") { request.variant.file = nullptr; }
  SUBCASE("shape overflows") {
    request.reference.rows = request.variant.rows = std::numeric_limits<std::int64_t>::max();
  }
  CHECK(outcome(request, svd).code == Code::kInvalidArgument);
}

TEST_CASE("NaN and infinity on either side are reported with their place") {
  const Svd svd = integer_svd(40, 30, 2, 1);
  const Matrix clean = testing::gaussian(40, 30, 1);
  // 3.4e38 is a float32 that rounds to an infinite bfloat16.
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL, 3.4e38, -3.4e38}) {
    for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
      Matrix w = clean;
      w(17, 23) = bad;
      const MatrixFile poisoned(w, dtype), other(clean, dtype);
      for (const bool first : {true, false}) {
        const TensorView reference = first ? poisoned.view() : other.view();
        const TensorView variant = first ? other.view() : poisoned.view();
        const Status status = outcome({reference, variant, 2, 0.3, 0}, svd);
        CHECK(status.code == Code::kNotFinite);
        CHECK(status.message.find("row 17, column 23") != std::string::npos);
        CHECK(status.message.find(poisoned.file().path()) != std::string::npos);
      }
    }
  }
}

TEST_CASE("a principal part and an update beyond float32") {
  const Matrix clean = testing::gaussian(20, 20, 1);
  const MatrixFile file(clean, DType::kF32);
  Svd svd = integer_svd(20, 20, 1, 1);
  for (const double huge : {1e39, std::nan("")}) {
    svd.sigma[0] = huge;
    CHECK(outcome({file.view(), file.view(), 1, 0.3, 0}, svd).code == Code::kNotFinite);
  }
  Matrix low = clean, high = clean;
  low(3, 4) = -3e38;
  high(3, 4) = 3e38;
  const MatrixFile before(low, DType::kF32), after(high, DType::kF32);
  const Status status = outcome({before.view(), after.view(), 1, 0.3, 0}, integer_svd(20, 20, 1, 1));
  CHECK(status.code == Code::kNotFinite);
  CHECK(status.message.find("row 3, column 4") != std::string::npos);
}

TEST_CASE("magnitudes at the ends of what is stored") {
  Matrix w(1, 8);
  w.values = {0x1p127, -0x1p127, 0x1p-133, -0x1p-133, 0x1p-126, 0, -0.0, 1};
  Matrix tuned = w;
  tuned.values[2] = 0x1p-132;
  const Svd svd = integer_svd(1, 8, 1, 2);
  for (const DType dtype : {DType::kBF16, DType::kF32, DType::kF64}) {
    const MatrixFile before(w, dtype), after(tuned, dtype);
    for (const double share : {0.25, 0.5}) {
      const MaskOverlap wanted = testing::expected_masks(w, tuned, svd, {1, share, 5});
      Control control;
      MaskOverlap found;
      REQUIRE(mask_overlap({before.view(), after.view(), 1, share, 5}, svd, control, &found).ok());
      CHECK(found.update == 1);
      CHECK(found.low.overlap == wanted.low.overlap);
      CHECK(found.null_update == wanted.null_update);
      CHECK(found.principal.null_overlap == wanted.principal.null_overlap);
    }
  }
}

TEST_CASE("a file that ends too early, and one that changes") {
  const MatrixFile file(testing::gaussian(300, 400, 1), DType::kF32);
  const Svd svd = integer_svd(300, 400, 1, 1);
  TensorView beyond = file.view();
  beyond.offset += 4;
  CHECK(outcome({file.view(), beyond, 1, 0.3, 0}, svd).code == Code::kFileTooShort);
  for (const Access access : {Access::kMap, Access::kRead}) {
    const MatrixFile cut(testing::gaussian(300, 400, 1), DType::kF32, access);
    REQUIRE(cut.file().resize(5000));
    CHECK(outcome({file.view(), cut.view(), 1, 0.3, 0}, svd).code == Code::kFileChanged);
    CHECK(outcome({cut.view(), file.view(), 1, 0.3, 0}, svd).code == Code::kFileChanged);
  }
}

TEST_CASE("cancelling ends it within 200 ms, whatever the pass") {
  const std::int64_t side = 3000;
  const MatrixFile file(testing::gaussian(side, side, 1), DType::kBF16);
  const Svd svd = integer_svd(side, side, 64, 1);
  int cancelled = 0;
  for (const int after : {0, 5, 50, 100, 200, 300, 400, 500}) {
    Control control;
    MaskOverlap overlap;
    const MaskOverlapRequest request{file.view(), file.view(), 64, 0.3, 0};
    auto run = std::async(std::launch::async, [&] { return mask_overlap(request, svd, control, &overlap); });
    run.wait_for(std::chrono::milliseconds(after));
    const auto start = std::chrono::steady_clock::now();
    control.cancelled = true;
    const Status status = run.get();
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    if (status.ok()) continue;
    CHECK(status.code == Code::kCancelled);
    CHECK(overlap.n == 0);
    // The promise is 50 ms of work; other programs share the cores.
    CHECK(waited.count() <= 0.2);
    ++cancelled;
  }
  CHECK(cancelled >= 2);
}

TEST_CASE("the bound of an absurd request saturates") {
  MaskOverlapRequest request;
  request.reference.rows = request.reference.cols = std::int64_t{1} << 40;
  CHECK(mask_overlap_bytes(request) >= std::uint64_t{1} << 60);
}

}  // namespace
}  // namespace polarimeter
