#include <doctest/doctest.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <thread>

#include "matrix_file.h"
#include "polarimeter/ops.h"

/// Read by the address sanitizer, where the tests run under it: an allocation too large is an error to handle.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

namespace polarimeter {
namespace {

using testing::Matrix;
using testing::MatrixFile;

using Route = Status (*)(const SvdRequest&, Control&, Svd*);

Status outcome(Route route, const SvdRequest& request) {
  Control control;
  Svd svd;
  const Status status = route(request, control, &svd);
  CHECK(svd.sigma.empty());
  return status;
}

TEST_CASE("requests that contradict themselves") {
  const MatrixFile file(testing::gaussian(10, 6, 1), DType::kF32), other(testing::gaussian(6, 10, 1), DType::kF32);
  for (const Route route : {svd_gram_f64, svd_direct_f64}) {
    CHECK(outcome(route, {file.view(), {}, 4, 3}).code == Code::kInvalidArgument);
    CHECK(outcome(route, {file.view(), {}, -1, 0}).code == Code::kInvalidArgument);
    CHECK(outcome(route, {file.view(), {}, std::numeric_limits<std::int64_t>::max(), 1}).code ==
          Code::kInvalidArgument);
    const Status shapes = outcome(route, {file.view(), other.view(), 0, 0});
    CHECK(shapes.code == Code::kInvalidArgument);
    CHECK(shapes.message.find("6 x 10 from one of 10 x 6") != std::string::npos);
    CHECK(outcome(route, {{}, {}, 0, 0}).code == Code::kInvalidArgument);
    TensorView longer = file.view();
    longer.rows = 1000;
    CHECK(outcome(route, {longer, {}, 0, 0}).code == Code::kFileTooShort);
  }
}

TEST_CASE("a size beyond LAPACK's integers is refused before anything is read") {
  testing::ScratchFile sparse;
  REQUIRE(sparse.resize(std::uint64_t{6} << 30));
  const TensorView view{sparse.open(Access::kRead), 0, DType::kBF16, (std::int64_t{3} << 30) - 1, 1};
  for (const Route route : {svd_gram_f64, svd_direct_f64}) {
    CHECK(outcome(route, {view, {}, 0, 0}).code == Code::kInvalidArgument);
  }
}

TEST_CASE("NaN and infinity are reported with their place") {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
      Matrix w = testing::gaussian(40, 30, 1);
      w(17, 23) = bad;
      const MatrixFile file(w, dtype), clean(testing::gaussian(40, 30, 2), dtype);
      for (const Route route : {svd_gram_f64, svd_direct_f64}) {
        const Status status = outcome(route, {file.view(), {}, 2, 0});
        CHECK(status.code == Code::kNotFinite);
        CHECK(status.message.find("row 17, column 23") != std::string::npos);
        CHECK(status.message.find(file.file().path()) != std::string::npos);
        CHECK(outcome(route, {clean.view(), file.view(), 2, 0}).code == Code::kNotFinite);
      }
    }
  }
  // 65536 is infinity in float16; a wide matrix is read in columns.
  Matrix wide = testing::gaussian(12, 50, 1);
  wide(5, 49) = 65536;
  const MatrixFile file(wide, DType::kF16, Access::kRead);
  const Status status = outcome(svd_gram_f64, {file.view(), {}, 0, 0});
  CHECK(status.code == Code::kNotFinite);
  CHECK(status.message.find("row 5, column 49") != std::string::npos);
}

TEST_CASE("a file that changes during the run, and one that ends too early") {
  const MatrixFile file(testing::gaussian(50, 40, 1), DType::kF32);
  const double other = 1;
  REQUIRE(file.file().write_at(MatrixFile::kOffset + 8, &other, sizeof(other)));
  REQUIRE(file.file().age(3600));
  for (const Route route : {svd_gram_f64, svd_direct_f64}) {
    CHECK(outcome(route, {file.view(), {}, 2, 0}).code == Code::kFileChanged);
  }
  for (const Access access : {Access::kMap, Access::kRead}) {
    const MatrixFile cut(testing::gaussian(300, 400, 1), DType::kF32, access);
    REQUIRE(cut.file().resize(5000));
    for (const Route route : {svd_gram_f64, svd_direct_f64}) {
      CHECK(outcome(route, {cut.view(), {}, 2, 0}).code == Code::kFileChanged);
    }
  }
}

TEST_CASE("memory that is not there is an error") {
  // Where the kernel promises any amount of memory, the promise would be called in.
  int overcommit = 1;
  std::ifstream("/proc/sys/vm/overcommit_memory") >> overcommit;
  testing::ScratchFile sparse;
  constexpr std::int64_t kSide = std::int64_t{1} << 21;
  if (overcommit == 1 || !sparse.resize(static_cast<std::uint64_t>(kSide * kSide * 2))) {
    MESSAGE("not tried on this system");
    return;
  }
  const TensorView view{sparse.open(Access::kRead), 0, DType::kBF16, kSide, kSide};
  REQUIRE(view.file);
  CHECK(outcome(svd_gram_f64, {view, {}, 0, 0}).code == Code::kOutOfMemory);
}

double seconds(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// A run on a thread of its own, with its CPU time: what counts when other programs share the cores.
class Run {
 public:
  explicit Run(const SvdRequest& request)
      : worker_([this, request] {
          status_ = svd_gram_f64(request, control_, &svd_);
          end_ = seconds(CLOCK_THREAD_CPUTIME_ID);
          finished_ = true;
          while (!released_) std::this_thread::yield();
        }) {
    pthread_getcpuclockid(worker_.native_handle(), &clock_);
  }

  /// CPU seconds from the request to the end, once the run has used `after`; negative if it was over before that.
  double cancel(double after) {
    while (!finished_ && seconds(clock_) < after) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const bool late = finished_;
    const double asked = seconds(clock_);
    control_.cancelled = true;
    while (!finished_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    released_ = true;
    worker_.join();
    return late ? -1 : end_ - asked;
  }

  const Status& status() const { return status_; }
  const Svd& svd() const { return svd_; }

 private:
  Control control_;
  Svd svd_;
  Status status_;
  double end_ = 0;
  std::atomic<bool> finished_{false}, released_{false};
  clockid_t clock_ = CLOCK_REALTIME;
  std::thread worker_;
};

TEST_CASE("cancelling stops within 200 ms, whatever the stage") {
  const MatrixFile file(testing::gaussian(2048, 2048, 1), DType::kBF16);
  int cancelled = 0;
  for (const double after : {0.0, 0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}) {
    CAPTURE(after);
    Run run({file.view(), {}, 256, 0});
    const double delay = run.cancel(after);
    if (run.status().ok()) continue;
    CHECK(run.status().code == Code::kCancelled);
    CHECK(run.svd().sigma.empty());
    CHECK(delay <= 0.2);
    cancelled += 1;
  }
  CHECK(cancelled >= 3);
}

TEST_CASE("progress grows to its total") {
  const MatrixFile file(testing::gaussian(700, 600, 1), DType::kBF16);
  Control control;
  Svd svd;
  std::atomic<bool> stop{false};
  bool monotone = true;
  std::thread watcher([&] {
    std::uint64_t last = 0;
    while (!stop) {
      const std::uint64_t now = control.done;
      monotone = monotone && now >= last;
      last = now;
    }
  });
  const Status status = svd_gram_f64({file.view(), {}, 64, 8}, control, &svd);
  stop = true;
  watcher.join();
  REQUIRE(status.ok());
  CHECK(monotone);
  CHECK(control.done == control.total);
  CHECK(control.total > 0);
}

}  // namespace
}  // namespace polarimeter
