// All tiles of one random bf16 matrix against an update of it, level by level, and its step histogram: processor
// milliseconds of all threads together, least of three runs, the file in the page cache.
// change_tile_bench [rows = 18944] [cols = 3584] [share of weights that change = 0.1]

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

constexpr std::int64_t kTileSide = 256;

/// A file of weights and after it the same weights, a share of them one to eight steps away.
TensorView write_pair(const std::string& path, std::int64_t rows, std::int64_t cols, double share) {
  std::mt19937 random(20250711);
  std::normal_distribution<float> normal(0.0F, 0.02F);
  std::vector<std::uint16_t> codes(static_cast<std::size_t>(2 * rows * cols));
  const std::size_t n = codes.size() / 2;
  const auto bound = static_cast<std::uint32_t>(share * 4294967295.0);
  for (std::size_t i = 0; i < n; ++i) {
    codes[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(normal(random)) >> 16U);
    const auto steps = static_cast<std::uint16_t>(1 + random() % 8);
    codes[n + i] = random() < bound ? static_cast<std::uint16_t>(codes[i] + steps) : codes[i];
  }
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(codes.data()), static_cast<std::streamsize>(4 * n));
  TensorView view{nullptr, 0, DType::kBF16, rows, cols};
  std::shared_ptr<File> file;
  if (File::open(path, Access::kMap, &file).ok()) view.file = file;
  std::filesystem::remove(path);
  return view;
}

double processor_milliseconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

template <class Work>
double least_milliseconds(Work work) {
  double least = 1e9;
  for (int run = 0; run < 3; ++run) {
    const double start = processor_milliseconds();
    if (!work()) return -1;
    least = std::min(least, processor_milliseconds() - start);
  }
  return least;
}

bool all_tiles(ChangeTileRequest request, Executor& executor) {
  const std::int64_t side = kTileSide << request.level;
  for (request.row = 0; request.row < request.reference.rows; request.row += side) {
    for (request.col = 0; request.col < request.reference.cols; request.col += side) {
      request.rows = std::min(side, request.reference.rows - request.row);
      request.cols = std::min(side, request.reference.cols - request.col);
      Control control;
      ChangeTile tile;
      if (!change_tile(request, executor, control, &tile).ok()) return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, long long fallback) { return argc > i ? std::atoll(argv[i]) : fallback; };
  const std::string path =
      (std::filesystem::temp_directory_path() / ("polarimeter-tile-bench-" + std::to_string(getpid()))).string();
  const TensorView reference =
      write_pair(path, argument(1, 18944), argument(2, 3584), argc > 3 ? std::atof(argv[3]) : 0.1);
  if (!reference.file) return 1;
  TensorView variant = reference;
  variant.offset = static_cast<std::uint64_t>(2 * reference.elements());
  Executor executor(1);
  constexpr std::pair<ChangeReduction, const char*> kReductions[] = {{ChangeReduction::kSteps, "steps"},
                                                                     {ChangeReduction::kDensity, "density"},
                                                                     {ChangeReduction::kDirection, "direction"}};
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (!isa_available(isa)) continue;
    for (const auto& [reduction, name] : kReductions) {
      std::printf("%-7s %-9s", isa_name(isa), name);
      for (const int level : {0, 1, 2, 3, 4, 5, 7, 10}) {
        ChangeTileRequest request{reference, {variant}, 0, 0, 0, 0, level, reduction, isa};
        std::printf("  level %d %6.1f ms", level, least_milliseconds([&] { return all_tiles(request, executor); }));
      }
      std::printf("\n");
    }
    const double steps = least_milliseconds([&] {
      Control control;
      StepHistogram histogram;
      return step_histogram({reference, variant, isa}, executor, control, &histogram).ok();
    });
    std::printf("%-7s step histogram %.1f ms\n", isa_name(isa), steps);
  }
  return 0;
}
