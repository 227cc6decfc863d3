// Masks of one random bf16 matrix against an update of it: processor seconds of one thread, least of three runs.
// mask_overlap_bench [rows = 4096] [cols = 4096] [k = 64] [share = 0.3]

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "polarimeter/ops.h"

namespace {

using namespace polarimeter;

std::uint16_t to_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// A file of weights and after it the same weights with an update of about a bf16 step.
TensorView write_pair(const std::string& path, std::int64_t rows, std::int64_t cols) {
  std::mt19937_64 random(20250711);
  std::normal_distribution<float> normal;
  std::vector<std::uint16_t> codes(static_cast<std::size_t>(2 * rows * cols));
  const std::size_t n = codes.size() / 2;
  for (std::size_t i = 0; i < n; ++i) {
    const float w = 0.02F * normal(random);
    codes[i] = to_bf16(w);
    codes[n + i] = to_bf16(std::bit_cast<float>(std::uint32_t{codes[i]} << 16U) + 1e-4F * normal(random));
  }
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(codes.data()), static_cast<std::streamsize>(4 * n));
  TensorView view{nullptr, 0, DType::kBF16, rows, cols};
  std::shared_ptr<File> file;
  if (File::open(path, Access::kMap, &file).ok()) view.file = file;
  std::filesystem::remove(path);
  return view;
}

/// Random columns: what they are does not change the time.
Basis columns(std::int64_t dim, std::int64_t k, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Basis basis{dim, k, std::vector<double>(static_cast<std::size_t>(dim * k))};
  for (double& x : basis.values) x = normal(random);
  return basis;
}

double processor_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, long long fallback) { return argc > i ? std::atoll(argv[i]) : fallback; };
  MaskOverlapRequest request;
  const std::string path =
      (std::filesystem::temp_directory_path() / ("polarimeter-mask-bench-" + std::to_string(getpid()))).string();
  request.reference = write_pair(path, argument(1, 4096), argument(2, 4096));
  if (!request.reference.file) return 1;
  request.variant = request.reference;
  request.variant.offset = static_cast<std::uint64_t>(2 * request.reference.elements());
  request.k = argument(3, 64);
  request.share = argc > 4 ? std::atof(argv[4]) : 0.3;
  Svd svd;
  svd.sigma.assign(static_cast<std::size_t>(request.k), 1.0);
  svd.left_top = columns(request.reference.rows, request.k, 1);
  svd.right_top = columns(request.reference.cols, request.k, 2);
  double least = 1e9;
  MaskOverlap overlap;
  for (int run = 0; run < 3; ++run) {
    Control control;
    const double before = processor_seconds();
    const Status status = mask_overlap(request, svd, control, &overlap);
    least = std::min(least, processor_seconds() - before);
    if (status.ok()) continue;
    std::fprintf(stderr, "%s: %s\n", code_name(status.code), status.message.c_str());
    return 1;
  }
  std::printf("mask_overlap %lld x %lld bf16, k %lld: %.2f cpu-s, %.1f MiB, update %.3f, null %.3f of the entries\n",
              static_cast<long long>(request.reference.rows), static_cast<long long>(request.reference.cols),
              static_cast<long long>(request.k), least, static_cast<double>(mask_overlap_bytes(request)) / 0x1p20,
              static_cast<double>(overlap.update) / static_cast<double>(overlap.n),
              static_cast<double>(overlap.null_update) / static_cast<double>(overlap.n));
  return 0;
}
