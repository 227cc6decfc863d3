#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "cpu/element_block.h"

namespace polarimeter {
namespace {

constexpr Isa kBestFirst[] = {Isa::kAvx512, Isa::kAvx2, Isa::kScalar};

const ElementKernels* kernels_of_build(Isa isa) {
  switch (isa) {
    case Isa::kAvx512:
      return element_kernels_avx512();
    case Isa::kAvx2:
      return element_kernels_avx2();
    case Isa::kScalar:
      return element_kernels_scalar();
  }
  return nullptr;
}

bool processor_runs(Isa isa) {
#if defined(__x86_64__)
  // Every extension that the compiler may use in the source of that instruction set.
  switch (isa) {
    case Isa::kAvx512:
      return processor_runs(Isa::kAvx2) && __builtin_cpu_supports("avx512f") != 0 &&
             __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
             __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512cd") != 0 &&
             __builtin_cpu_supports("avx512bf16") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
             __builtin_cpu_supports("avx512bitalg") != 0 && __builtin_cpu_supports("gfni") != 0;
    case Isa::kAvx2:
      return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
             __builtin_cpu_supports("f16c") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
             __builtin_cpu_supports("popcnt") != 0 && __builtin_cpu_supports("lzcnt") != 0;
    case Isa::kScalar:
      return true;
  }
#endif
  return isa == Isa::kScalar;
}

}  // namespace

bool isa_available(Isa isa) { return kernels_of_build(isa) != nullptr && processor_runs(isa); }

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kScalar:
      return "scalar";
  }
  return "unknown";
}

Isa best_isa() {
  const char* const variable = std::getenv("POLARIMETER_ISA");
  const std::string_view wish = variable == nullptr ? "" : variable;
  const bool known =
      std::any_of(std::begin(kBestFirst), std::end(kBestFirst), [wish](Isa isa) { return wish == isa_name(isa); });
  // The wish only lowers: what this processor lacks is passed over, and an unknown word asks for nothing.
  bool reached = !known;
  for (const Isa isa : kBestFirst) {
    reached = reached || wish == isa_name(isa);
    if (reached && isa_available(isa)) return isa;
  }
  return Isa::kScalar;
}

const ElementKernels& element_kernels(Isa isa) { return *kernels_of_build(isa); }

}  // namespace polarimeter
