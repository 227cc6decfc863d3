// Exact singular values of one random bf16 matrix, and its leading vectors: one line each, median of three runs.
// svd_bench [rows = 4096] [cols = 4096] [top = 128] [repeats = 3]

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
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

using polarimeter::Status;

std::uint16_t to_bf16(double x) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// A flat random bulk with sixteen directions above it, as trained matrices have.
void write_matrix(const std::string& path, std::int64_t rows, std::int64_t cols) {
  constexpr int kSpikes = 16;
  std::mt19937_64 random(20250711);
  std::normal_distribution<float> normal;
  std::vector<float> left(static_cast<std::size_t>(rows * kSpikes)), right(static_cast<std::size_t>(cols * kSpikes));
  for (float& x : left) x = normal(random);
  for (float& x : right) x = normal(random);
  std::vector<std::uint16_t> row(static_cast<std::size_t>(cols));
  std::ofstream file(path, std::ios::binary);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) {
      float x = 0.02f * normal(random);
      for (int s = 0; s < kSpikes; ++s) {
        const float size = 0.004f / static_cast<float>(s + 1);
        x += size * left[static_cast<std::size_t>(i * kSpikes + s)] * right[static_cast<std::size_t>(j * kSpikes + s)];
      }
      row[static_cast<std::size_t>(j)] = to_bf16(x);
    }
    file.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof(row[0])));
  }
}

bool report(const polarimeter::SvdRequest& request, int repeats) {
  std::vector<double> seconds;
  polarimeter::Svd svd;
  for (int i = 0; i < repeats; ++i) {
    polarimeter::Control control;
    const Status status = polarimeter::svd_gram_f64(request, control, &svd);
    if (!status.ok()) {
      std::fprintf(stderr, "%s: %s\n", polarimeter::code_name(status.code), status.message.c_str());
      return false;
    }
    seconds.push_back(svd.seconds);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf(
      "svd_gram_f64 %lld x %lld bf16, all values + top %lld: %.2f s (%.2f to %.2f), residual %.1e, orthogonality %.1e, "
      "trace error %.1e, sigma %.6g .. %.6g\n",
      static_cast<long long>(svd.m), static_cast<long long>(svd.n), static_cast<long long>(request.top),
      seconds[seconds.size() / 2], seconds.front(), seconds.back(), svd.residual, svd.orthogonality, svd.trace_error,
      svd.sigma.front(), svd.sigma.back());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, long long fallback) { return argc > i ? std::atoll(argv[i]) : fallback; };
  const std::int64_t rows = argument(1, 4096), cols = argument(2, 4096);
  polarimeter::BlasInfo blas;
  Status status = polarimeter::load_blas(&blas);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.message.c_str());
    return 1;
  }
  std::printf("%s, %s kernels\n", blas.path.c_str(), blas.core.c_str());
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("polarimeter-svd-bench-" + std::to_string(getpid()));
  write_matrix(path, rows, cols);
  std::shared_ptr<polarimeter::File> file;
  status = polarimeter::File::open(path, polarimeter::Access::kMap, &file);
  std::filesystem::remove(path);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.message.c_str());
    return 1;
  }
  polarimeter::SvdRequest request;
  request.w = {file, 0, polarimeter::DType::kBF16, rows, cols};
  const int repeats = static_cast<int>(argument(4, 3));
  if (!report(request, repeats)) return 1;
  request.top = std::min<std::int64_t>(argument(3, 128), std::min(rows, cols));
  return report(request, repeats) ? 0 : 1;
}
