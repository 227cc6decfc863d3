#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace polarimeter {

/// An array of float64, not initialised. Large ones lie on huge pages where the system has them: a column sweep over a
/// matrix of 128 MiB otherwise misses the TLB at every step (dsymv at 4096: 20 against 29 GB/s).
class Workspace {
 public:
  /// An empty result where memory is short.
  static Workspace allocate(std::int64_t elements) {
    Workspace made;
    if (elements < 0 || elements > PTRDIFF_MAX / static_cast<std::int64_t>(sizeof(double))) return made;
    const std::size_t bytes = static_cast<std::size_t>(elements) * sizeof(double);
    const std::size_t alignment = bytes >= kHuge ? kHuge : kLine;
    made.data_.reset(static_cast<double*>(::operator new(bytes, std::align_val_t(alignment), std::nothrow)));
    made.data_.get_deleter().alignment = alignment;
#if defined(__linux__)
    if (made.data_ && alignment == kHuge) madvise(made.data_.get(), bytes / kHuge * kHuge, MADV_HUGEPAGE);
#endif
    return made;
  }

  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  static constexpr std::size_t kHuge = std::size_t{2} << 20;
  static constexpr std::size_t kLine = 64;
  struct Free {
    std::size_t alignment;
    void operator()(double* data) const { ::operator delete(data, std::align_val_t(alignment)); }
  };
  std::unique_ptr<double, Free> data_{nullptr, Free{kLine}};
};

}  // namespace polarimeter
