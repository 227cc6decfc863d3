#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "polarimeter/status.h"

namespace polarimeter {

/// A regular file that is there, opened for writing at places of it. Grows where it is written beyond its end.
class OutputFile {
 public:
  OutputFile() = default;
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// fails kFileOpen
  Status open(const std::string& path);
  /// fails kDiskFull kWriteFailed
  Status write(std::uint64_t offset, const void* bytes, std::size_t length);
  /// Tells of failures that the system has kept until now. fails kDiskFull kWriteFailed
  Status close();
  /// What an error number of a write is: kDiskFull or kWriteFailed.
  static Status failure(const std::string& path, int error_number);

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace polarimeter
