#include "core/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace polarimeter {
namespace {

constexpr std::size_t kLargestWrite = std::size_t{1} << 30U;  // some systems refuse writes of 2 GiB and more

std::string reason(int error_number) { return std::generic_category().message(error_number); }

}  // namespace

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status OutputFile::open(const std::string& path) {
  path_ = path;
  // Without O_NONBLOCK a named pipe would block here for ever.
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info = {};
  if (descriptor_ < 0 || fstat(descriptor_, &info) != 0) {
    return Status::Error(Code::kFileOpen, "Cannot open " + path + " for writing: " + reason(errno) + ".");
  }
  if (S_ISREG(info.st_mode)) return Status::Ok();
  return Status::Error(Code::kFileOpen, "Cannot open " + path + " for writing: it is not a regular file.");
}

Status OutputFile::write(std::uint64_t offset, const void* bytes, std::size_t length) {
  const auto* from = static_cast<const std::byte*>(bytes);
  constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (offset > kLast || length > kLast - offset) return failure(path_, EFBIG);
  std::size_t done = 0;
  while (done < length) {
    const std::size_t want = std::min(length - done, kLargestWrite);
    const ssize_t put = pwrite(descriptor_, from + done, want, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    // Nothing written without a reason: a device that has no place left.
    if (put <= 0) return failure(path_, put < 0 ? errno : ENOSPC);
    done += static_cast<std::size_t>(put);
  }
  return Status::Ok();
}

Status OutputFile::close() {
  const int result = ::close(std::exchange(descriptor_, -1));
  return result == 0 || errno == EINTR ? Status::Ok() : failure(path_, errno);
}

Status OutputFile::failure(const std::string& path, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  return Status::Error(full ? Code::kDiskFull : Code::kWriteFailed,
                       "Cannot write " + path + ": " + reason(error_number) + ".");
}

}  // namespace polarimeter
