#include "cpu/blas.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <thread>

#include "matrix_file.h"

namespace polarimeter {
namespace {

using testing::MatrixFile;

TEST_CASE("load_blas finds a library and says which") {
  BlasInfo info;
  REQUIRE(load_blas(&info).ok());
  CHECK(!info.path.empty());
  BlasInfo again;
  REQUIRE(load_blas(&again).ok());
  CHECK(again.path == info.path);
  MESSAGE(info.path << ", " << info.core << ", " << info.config);
}

TEST_CASE("loading leaves the environment as it was") {
  const char* const before = std::getenv("OPENBLAS_CORETYPE");
  const std::string value = before ? before : "";
  Blas library;
  REQUIRE(open_blas(blas_candidates(), &library).ok());
  const char* const after = std::getenv("OPENBLAS_CORETYPE");
  CHECK((after != nullptr) == (before != nullptr));
  CHECK(value == (after ? after : ""));
}

TEST_CASE("a library that cannot be loaded is an error that names every path tried") {
  Blas library;
  const Status status = open_blas({"/nowhere/libfirst.so", "libsecond-not-there.so"}, &library);
  CHECK(status.code == Code::kLibraryMissing);
  CHECK(status.message.find("/nowhere/libfirst.so") != std::string::npos);
  CHECK(status.message.find("libsecond-not-there.so") != std::string::npos);
  CHECK(status.message.find("POLARIMETER_BLAS") != std::string::npos);
}

TEST_CASE("a library without LAPACK is refused with the routine that it lacks") {
  Blas library;
  const Status status = open_blas({"libm.so.6"}, &library);
  CHECK(status.code == Code::kLibraryMissing);
  CHECK(status.message.find("has no dgemv") != std::string::npos);
}

TEST_CASE("sizes beyond 32 bits are refused") {
  CHECK(fits_blas({1, 2147483647}).ok());
  CHECK(fits_blas({2147483648}).code == Code::kInvalidArgument);
}

TEST_CASE("several threads at once get the bits of a single one") {
  constexpr int kThreads = 4, kRounds = 6;
  const MatrixFile file(testing::gaussian(330, 260, 5), DType::kF64);
  const SvdRequest request{file.view(), {}, 20, 10};
  Control control;
  Svd expected;
  REQUIRE(svd_gram_f64(request, control, &expected).ok());
  std::vector<int> wrong(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        Control own;
        Svd svd;
        const bool same = svd_gram_f64(request, own, &svd).ok() && svd.sigma == expected.sigma &&
                          svd.left_top.values == expected.left_top.values &&
                          svd.right_bottom.values == expected.right_bottom.values && svd.residual == expected.residual;
        wrong[static_cast<std::size_t>(t)] += !same;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : wrong) CHECK(count == 0);
}

}  // namespace
}  // namespace polarimeter
