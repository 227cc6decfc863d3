// How fast the element pass reads, beside the rate at which the same mapped bytes can merely be summed.
//
//   element_pass_bench [--mib N] [--threads N] [--rounds N] [--isa scalar|avx2|avx512]
//
// Makes one reference and three bf16 variants of N MiB each in TMPDIR (two as supervised fine-tuning leaves them,
// nearly every element moved; one as reinforcement learning does, one in five moved by a step), reads them once so that
// they lie in the page cache, then alternates both operations and prints medians over the rounds. "fresh" opens and
// maps the files anew each time and so pays for page faults; "mapped" goes over pages that are mapped already. Beside
// the wall clock stands the same per second of processor time: on a machine that others use too, only that one
// compares.

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "polarimeter/ops.h"

using namespace polarimeter;

namespace {

constexpr std::int64_t kCols = 4096;
const std::vector<float> kThresholds = {1e-8F, 1e-7F, 1e-6F, 1e-5F};

struct Options {
  std::int64_t mib = 256;
  int threads = 2;
  int rounds = 9;
  Isa isa = best_isa();
};

std::uint16_t bf16_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U);
}

float float_of(std::uint16_t code) {
  const std::uint32_t bits = static_cast<std::uint32_t>(code) << 16U;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Normal samples from a table: as good as any for a benchmark, and a hundred times faster to make.
class Samples {
 public:
  explicit Samples(unsigned seed) : random_(seed) {
    std::normal_distribution<float> normal;
    for (float& sample : table_) sample = normal(random_);
  }
  float normal() { return table_[random_() & 0xFFFFU]; }
  std::uint32_t bits() { return static_cast<std::uint32_t>(random_()); }

 private:
  std::minstd_rand random_;
  std::vector<float> table_ = std::vector<float>(0x10000);
};

bool write_file(const std::string& path, const std::vector<std::uint16_t>& codes) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool written = std::fwrite(codes.data(), 2, codes.size(), file) == codes.size();
  return std::fclose(file) == 0 && written;
}

class Files {
 public:
  explicit Files(std::int64_t mib) {
    const char* const folder = std::getenv("TMPDIR");
    const std::string stem =
        std::string(folder == nullptr ? "/tmp" : folder) + "/element_pass_bench_" + std::to_string(getpid());
    std::vector<std::uint16_t> reference(static_cast<std::size_t>(mib) << 19U);
    Samples samples(1);
    for (auto& code : reference) code = bf16_of(0.02F * samples.normal());
    add(stem + "_reference", reference);
    add(stem + "_sft", tuned(reference, 2));
    add(stem + "_rl", reinforced(reference, 3));
    add(stem + "_sft_too", tuned(reference, 4));
  }
  ~Files() {
    for (const std::string& path : paths_) unlink(path.c_str());
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  /// The reference and `variants` variants, from the one numbered `first`; empty on failure.
  std::vector<TensorView> open(std::size_t first, std::size_t variants) const {
    std::vector<TensorView> views;
    for (std::size_t i = 0; i <= variants; ++i) {
      std::shared_ptr<File> file;
      if (!File::open(paths_[i == 0 ? 0 : first + i - 1], Access::kMap, &file).ok()) return {};
      const std::int64_t rows = static_cast<std::int64_t>(file->size()) / 2 / kCols;
      views.push_back({file, 0, DType::kBF16, rows, kCols});
    }
    return views;
  }

 private:
  static std::vector<std::uint16_t> tuned(std::vector<std::uint16_t> codes, unsigned seed) {
    Samples samples(seed);
    for (auto& code : codes) code = bf16_of(float_of(code) + 2e-4F * samples.normal());
    return codes;
  }
  static std::vector<std::uint16_t> reinforced(std::vector<std::uint16_t> codes, unsigned seed) {
    Samples samples(seed);
    for (auto& code : codes) code = static_cast<std::uint16_t>(code + (samples.bits() % 5 == 0 ? 1 : 0));
    return codes;
  }
  void add(const std::string& path, const std::vector<std::uint16_t>& codes) {
    paths_.push_back(path);
    if (!write_file(path, codes)) std::perror(path.c_str());
  }

  std::vector<std::string> paths_;
};

double processor_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Rate {
  double wall = 0;  ///< GB/s
  double processor = 0;
};

/// Runs on a pool thread, so that exactly the pool's threads work. `operation` gives bytes and seconds.
Rate rate(Executor& executor, const std::function<std::pair<std::uint64_t, double>()>& operation) {
  std::promise<Rate> answer;
  executor.submit([&] {
    const double before = processor_seconds();
    const auto [bytes, seconds] = operation();
    const double gigabytes = static_cast<double>(bytes) / 1e9;
    answer.set_value({gigabytes / seconds, gigabytes / (processor_seconds() - before)});
  });
  return answer.get_future().get();
}

Rate sum_rate(const std::vector<TensorView>& views, Executor& executor) {
  return rate(executor, [&] {
    Control control;
    ByteSum sum;
    const Status status = byte_sum(views, executor, control, &sum);
    return std::make_pair(status.ok() ? sum.bytes : 0, sum.seconds);
  });
}

Rate pass_rate(const std::vector<TensorView>& views, Isa isa, Executor& executor) {
  return rate(executor, [&] {
    ElementPassRequest request;
    request.reference = views.front();
    request.variants.assign(views.begin() + 1, views.end());
    request.bf16_thresholds = kThresholds;
    request.profiles = true;
    request.isa = isa;
    Control control;
    ElementPassResult result;
    const Status status = element_pass(request, executor, control, &result);
    return std::make_pair(status.ok() ? result.bytes : 0, result.seconds);
  });
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const char* clock, const std::vector<double>& sums, const std::vector<double>& passes) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < sums.size(); ++i) ratios.push_back(passes[i] / sums[i]);
  std::printf("   %s: sum %6.2f  pass %6.2f  %5.1f %% (median of ratios %5.1f %%)", clock, median(sums), median(passes),
              100 * median(passes) / median(sums), 100 * median(ratios));
}

void compare(const std::string& name, const std::function<std::vector<TensorView>()>& open, const Options& options) {
  Executor executor(options.threads);
  std::vector<double> sums[2];
  std::vector<double> passes[2];
  for (int round = 0; round < options.rounds; ++round) {
    const Rate sum = sum_rate(open(), executor);
    const Rate pass = pass_rate(open(), options.isa, executor);
    sums[0].push_back(sum.wall);
    sums[1].push_back(sum.processor);
    passes[0].push_back(pass.wall);
    passes[1].push_back(pass.processor);
  }
  std::printf("%-20s", name.c_str());
  print("GB/s", sums[0], passes[0]);
  print("GB per cpu-second", sums[1], passes[1]);
  std::printf("\n");
}

bool parse(int count, char** words, Options* options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    const std::string value = words[i + 1];
    if (name == "--mib") options->mib = std::atoll(value.c_str());
    if (name == "--threads") options->threads = std::atoi(value.c_str());
    if (name == "--rounds") options->rounds = std::atoi(value.c_str());
    for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
      if (name == "--isa" && value == isa_name(isa)) options->isa = isa;
    }
  }
  return options->mib > 0 && options->threads > 0 && options->rounds > 0 && isa_available(options->isa);
}

}  // namespace

int main(int count, char** words) {
  Options options;
  if (!parse(count, words, &options)) return 2;
  const Files files(options.mib);
  std::printf("%lld MiB a file, %d threads, %s, profiles, %zu thresholds\n", static_cast<long long>(options.mib),
              options.threads, isa_name(options.isa), kThresholds.size());
  const struct {
    const char* name;
    std::size_t first;
    std::size_t variants;
  } cases[] = {{"base+1 (SFT)", 1, 1}, {"base+1 (RL)", 2, 1}, {"base+3", 1, 3}};
  for (const auto& [name, first, variants] : cases) {
    const std::vector<TensorView> views = files.open(first, variants);
    if (views.empty()) return 1;
    compare(
        std::string(name) + " mapped", [&] { return views; }, options);
    compare(
        std::string(name) + " fresh", [&, f = first, v = variants] { return files.open(f, v); }, options);
  }
  return 0;
}
