#pragma once

#include <cstddef>

namespace polarimeter {

/// A mapped range that the process-wide SIGBUS handler watches. A fault inside puts zero pages under the rest of the
/// range, from the page of the fault on, and marks the range damaged: whoever shortened a file shortened all that
/// follows, and one fault then serves for all of it.
class SigbusGuard {
 public:
  SigbusGuard() = default;
  ~SigbusGuard();
  SigbusGuard(const SigbusGuard&) = delete;
  SigbusGuard& operator=(const SigbusGuard&) = delete;

  /// Watches [begin, begin + length), begin on a page boundary. False when the table is full or the handler cannot be
  /// installed; the range must then not be read.
  bool watch(void* begin, std::size_t length);
  bool damaged() const;

 private:
  int slot_ = -1;
};

}  // namespace polarimeter
