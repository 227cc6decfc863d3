#include <dlfcn.h>

#include <cstdlib>
#include <exception>
#include <utility>

#include "cpu/blas.h"

namespace polarimeter {
namespace {

/// Sets an environment variable and puts the old state back at the end of the scope. Without a value it does nothing.
class TemporaryVariable {
 public:
  TemporaryVariable(const char* name, const char* value) : name_(value ? name : nullptr) {
    if (!name_) return;
    if (const char* old = std::getenv(name_)) {
      was_set_ = true;
      old_ = old;
    }
    setenv(name_, value, 1);
  }
  ~TemporaryVariable() {
    if (!name_) return;
    if (was_set_) {
      setenv(name_, old_.c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  TemporaryVariable(const TemporaryVariable&) = delete;
  TemporaryVariable& operator=(const TemporaryVariable&) = delete;

 private:
  const char* name_;
  bool was_set_ = false;
  std::string old_;
};

/// OpenBLAS releases older than the processor fall back to AVX2 or older kernels: 53 instead of 88 GFLOP/s on a Zen 5
/// with 0.3.21. Its float64 kernels for every AVX-512 family are those of SkylakeX, so naming that family loses
/// nothing.
bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
#else
  return false;
#endif
}

void* open_library(const std::string& path) {
  // Read by OpenBLAS while it is loaded: no threads of its own, and the kernel family.
  const TemporaryVariable threads("OPENBLAS_NUM_THREADS", "1");
  const bool choose = has_avx512() && !std::getenv("OPENBLAS_CORETYPE");
  const TemporaryVariable core("OPENBLAS_CORETYPE", choose ? "SkylakeX" : nullptr);
  return dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
}

/// Binds `name_`, or Accelerate's current LAPACK under its own suffix.
template <typename Function>
void bind_one(void* library, const std::string& name, Function& function, std::string& missing) {
  void* symbol = dlsym(library, (name + "$NEWLAPACK").c_str());
  if (!symbol) symbol = dlsym(library, (name + "_").c_str());
  function = reinterpret_cast<Function>(symbol);
  if (!symbol && missing.empty()) missing = name;
}

std::string text_of(void* library, const char* function) {
  using Text = const char* (*)();
  const auto call = reinterpret_cast<Text>(dlsym(library, function));
  const char* text = call ? call() : nullptr;
  return text ? text : "";
}

void run_single_threaded(void* library) {
  if (const auto set = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"))) set(1);
  // Accelerate since macOS 15: 1 is BLAS_THREADING_SINGLE_THREADED.
  if (const auto set = reinterpret_cast<int (*)(int)>(dlsym(library, "BLASSetThreading"))) set(1);
}

/// The path that the loader found for the library that holds `symbol`.
std::string path_of(void* symbol, const std::string& name) {
  Dl_info found{};
  return symbol && dladdr(symbol, &found) != 0 && found.dli_fname ? found.dli_fname : name;
}

/// Why a library cannot be used, or nothing. One that was opened stays open: OpenBLAS does not unload cleanly.
std::string try_library(const std::string& path, Blas* blas) {
  void* library = open_library(path);
  if (!library) {
    const char* why = dlerror();
    return why ? why : "cannot be loaded";
  }
  const std::string missing = blas->bind(library);
  if (!missing.empty()) return "has no " + missing;
  blas->info.config = text_of(library, "openblas_get_config");
  blas->info.core = text_of(library, "openblas_get_corename");
  if (blas->info.config.find("USE64BITINT") != std::string::npos) return "is built for 64-bit integers";
  run_single_threaded(library);
  return {};
}

struct Loaded {
  Blas blas;
  Status status;
};

const Loaded& loaded() {
  static const Loaded once = [] {
    Loaded result;
    result.status = open_blas(blas_candidates(), &result.blas);
    return result;
  }();
  return once;
}

}  // namespace

std::vector<std::string> blas_candidates() {
  if (const char* named = std::getenv("POLARIMETER_BLAS"); named && *named) return {named};
#if defined(__APPLE__)
  return {"/System/Library/Frameworks/Accelerate.framework/Accelerate", "libopenblas.dylib",
          "/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib"};
#else
  std::vector<std::string> paths{"libopenblas.so.0", "libopenblas.so"};
  for (const char* machine : {"x86_64-linux-gnu", "aarch64-linux-gnu"}) {
    for (const char* build : {"openblas-pthread", "openblas-serial", "openblas-openmp"}) {
      paths.push_back(std::string("/usr/lib/") + machine + "/" + build + "/libopenblas.so.0");
    }
  }
  paths.insert(paths.end(), {"/usr/lib64/libopenblas.so.0", "libopenblasp.so.0", "liblapack.so.3"});
  return paths;
#endif
}

std::string Blas::bind(void* library) {
  std::string missing;
  bind_one(library, "dgemv", dgemv_, missing);
  bind_one(library, "dsymv", dsymv_, missing);
  bind_one(library, "dgemm", dgemm_, missing);
  bind_one(library, "dsyrk", dsyrk_, missing);
  bind_one(library, "dsyr2k", dsyr2k_, missing);
  bind_one(library, "dlarfg", dlarfg_, missing);
  bind_one(library, "dgeqrf", dgeqrf_, missing);
  bind_one(library, "dorgqr", dorgqr_, missing);
  bind_one(library, "dlarft", dlarft_, missing);
  bind_one(library, "dlarfb", dlarfb_, missing);
  bind_one(library, "dstemr", dstemr_, missing);
  bind_one(library, "dgesdd", dgesdd_, missing);
  info.path = path_of(reinterpret_cast<void*>(dgemm_), info.path);
  return missing;
}

Status open_blas(const std::vector<std::string>& candidates, Blas* out) {
  std::string tried;
  for (const std::string& path : candidates) {
    Blas candidate;
    candidate.info.path = path;
    const std::string why = try_library(path, &candidate);
    if (why.empty()) {
      *out = std::move(candidate);
      return Status::Ok();
    }
    tried += "\n  " + path + ": " + why;
  }
  return Status::Error(
      Code::kLibraryMissing,
      "No BLAS/LAPACK library could be loaded. Install libopenblas0, or name a library in POLARIMETER_BLAS. "
      "Tried:" +
          tried);
}

Status blas(const Blas** out) {
  try {
    *out = &loaded().blas;
    return loaded().status;
  } catch (const std::exception&) {
    return Status::Error(Code::kOutOfMemory, "Out of memory while BLAS was loaded.");
  }
}

Status load_blas(BlasInfo* info) {
  const Blas* library = nullptr;
  Status status = blas(&library);
  if (status.ok()) *info = library->info;
  return status;
}

}  // namespace polarimeter
