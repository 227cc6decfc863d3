#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "polarimeter/tensor_view.h"

namespace polarimeter::testing {

/// A file in the temporary folder that goes away with its owner.
class ScratchFile {
 public:
  explicit ScratchFile(const void* bytes = nullptr, std::size_t length = 0) {
    const char* const folder = std::getenv("TMPDIR");
    path_ = std::string(folder == nullptr ? "/tmp" : folder) + "/polarimeter_test_XXXXXX";
    descriptor_ = mkstemp(path_.data());
    write_at(0, bytes, length);
  }
  ~ScratchFile() {
    close(descriptor_);
    unlink(path_.c_str());
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  const std::string& path() const { return path_; }

  bool write_at(std::uint64_t offset, const void* bytes, std::size_t length) const {
    return pwrite(descriptor_, bytes, length, static_cast<off_t>(offset)) == static_cast<ssize_t>(length);
  }
  bool resize(std::uint64_t length) const { return ftruncate(descriptor_, static_cast<off_t>(length)) == 0; }

  /// Moves the modification time into the past, so that kAuto takes the file for finished.
  bool age(int seconds) const {
    struct stat info = {};
    if (fstat(descriptor_, &info) != 0) return false;
    const timespec past = {info.st_mtime - seconds, 0};
    const timespec times[2] = {past, past};
    return futimens(descriptor_, times) == 0;
  }

  /// Null when it cannot be opened.
  std::shared_ptr<File> open(Access access) const {
    std::shared_ptr<File> file;
    const Status status = File::open(path_, access, &file);
    return status.ok() ? file : nullptr;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace polarimeter::testing
