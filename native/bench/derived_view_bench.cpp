// How fast derived views decode on one thread: bytes of decoded elements and elements a second.
//
//   derived_view_bench [ROWS COLS RANK]
//
// Takes one matrix (4096 x 4096, rank 64, when nothing else is asked for) from TMPDIR through every kind of derivation,
// in the blocks of the element pass, five times, and prints the best.

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "polarimeter/derivation.h"

using namespace polarimeter;

namespace {

constexpr std::int64_t kBlock = std::int64_t{1} << 18;
constexpr int kRounds = 5;

double seconds_now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// A file of bytes that are small numbers in every encoding.
std::shared_ptr<File> make_file(const std::string& path, std::int64_t bytes) {
  std::vector<unsigned char> data(static_cast<std::size_t>(bytes));
  std::uint32_t state = 1;
  for (auto& byte : data) byte = static_cast<unsigned char>((state = state * 1664525U + 1013904223U) >> 24U & 0x3bU);
  std::FILE* const out = std::fopen(path.c_str(), "wb");
  if (out == nullptr) return nullptr;
  const bool written = std::fwrite(data.data(), 1, data.size(), out) == data.size();
  std::shared_ptr<File> file;
  if (std::fclose(out) != 0 || !written || !File::open(path, Access::kMap, &file).ok()) return nullptr;
  return file;
}

bool measure(const char* name, const Status& made, const TensorView& view) {
  std::vector<double> scratch(static_cast<std::size_t>(kBlock));
  double best = 1e9;
  for (int round = 0; made.ok() && round < kRounds; ++round) {
    const double before = seconds_now();
    for (std::int64_t first = 0; first < view.elements(); first += kBlock) {
      const std::byte* out = nullptr;
      const std::int64_t count = std::min(kBlock, view.elements() - first);
      if (!view.read(first, count, reinterpret_cast<std::byte*>(scratch.data()), &out).ok()) return false;
    }
    best = std::min(best, seconds_now() - before);
  }
  if (!made.ok()) {
    std::printf("%-24s %s\n", name, made.message.c_str());
    return false;
  }
  const auto elements = static_cast<double>(view.elements());
  std::printf("%-24s %8.3f s  %7.2f G elements/s  %7.2f GB/s decoded\n", name, best, elements / best / 1e9,
              elements * static_cast<double>(element_size(view.dtype)) / best / 1e9);
  return true;
}

int run(const std::shared_ptr<File>& file, std::int64_t rows, std::int64_t cols, std::int64_t rank) {
  const TensorView base{file, 0, DType::kBF16, rows, cols};
  const TensorView up{file, 0, DType::kBF16, rows, rank}, down{file, 0, DType::kBF16, rank, cols};
  const TensorView scale{file, 0, DType::kF32, rows / 128 + 1, cols / 128 + 1};
  TensorView eight, view;
  bool good = measure("F8_E4M3", encoded_view({file, 0, Encoding::kF8E4M3, rows, cols}, &eight), eight);
  good &= measure("Q8_0", encoded_view({file, 0, Encoding::kQ8_0, rows, cols}, &view), view);
  good &= measure("Q4_K", encoded_view({file, 0, Encoding::kQ4_K, rows, cols}, &view), view);
  good &= measure("Q6_K", encoded_view({file, 0, Encoding::kQ6_K, rows, cols}, &view), view);
  good &= measure("scaled F8, 128 x 128", scaled_view({eight, scale, 128, 128}, &view), view);
  good &= measure("low-rank", low_rank_view({base, up, down, 2, false}, &view), view);
  good &= measure("rows in another order",
                  strided_view({base, 0, {{2, rows / 2}, {cols, 2 * cols}}, {{cols}, {1}}}, &view), view);
  good &= measure("transposed", strided_view({base, 0, {{cols}, {1}}, {{rows}, {cols}}}, &view), view);
  good &= measure("transposed F8", strided_view({eight, 0, {{cols}, {1}}, {{rows}, {cols}}}, &view), view);
  return good ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const std::int64_t rows = count == 4 ? std::atoll(words[1]) : 4096;
  const std::int64_t cols = count == 4 ? std::atoll(words[2]) : 4096;
  const std::int64_t rank = count == 4 ? std::atoll(words[3]) : 64;
  if (rows < 1 || cols < 1 || rank < 1 || rows > 1 << 20 || cols > 1 << 20 || rank > 1 << 14) return 2;
  const char* const folder = std::getenv("TMPDIR");
  const std::string path =
      std::string(folder == nullptr ? "/tmp" : folder) + "/derived_view_bench_" + std::to_string(getpid());
  const std::int64_t bytes = 2 * std::max({rows * cols, rows * rank, rank * cols}) + (1 << 20);
  const std::shared_ptr<File> file = make_file(path, bytes);
  unlink(path.c_str());
  return file == nullptr ? 1 : run(file, rows, cols, rank);
}
