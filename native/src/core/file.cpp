#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

#include "core/file_system_kind.h"
#include "core/sigbus_guard.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter {
namespace {

constexpr std::int64_t kRecentNanoseconds = 10'000'000'000;
constexpr std::size_t kLargestRead = std::size_t{1} << 30U;  // some systems refuse reads of 2 GiB and more

/// What tells one state of a file from another.
struct Fingerprint {
  dev_t device = 0;
  ino_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;
};

Fingerprint fingerprint_of(const struct stat& info) {
  // Not the status time: links, permissions and backups move it and leave the bytes alone.
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), modification_time(info)};
}

std::string reason(int error_number) { return std::generic_category().message(error_number); }

bool is_recent(std::int64_t modified) {
  timespec now = {};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return true;
  const std::int64_t nanoseconds = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  return nanoseconds - modified < kRecentNanoseconds;
}

}  // namespace

struct File::Impl {
  std::string path;
  int descriptor = -1;
  Fingerprint at_open;
  std::byte* mapping = nullptr;
  SigbusGuard guard;

  ~Impl() {
    if (mapping != nullptr) munmap(mapping, at_open.size);
    if (descriptor >= 0) close(descriptor);
  }

  Status open_descriptor() {
    // Without O_NONBLOCK a named pipe would block here for ever.
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) return cannot_open(reason(errno));
    struct stat info = {};
    if (fstat(descriptor, &info) != 0) return cannot_open(reason(errno));
    if (!S_ISREG(info.st_mode)) return cannot_open("it is not a regular file");
    at_open = fingerprint_of(info);
    return Status::Ok();
  }

  bool map() {
    if (at_open.size == 0) return false;
    void* const address = mmap(nullptr, at_open.size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (address == MAP_FAILED) return false;
    if (!guard.watch(address, at_open.size)) {
      munmap(address, at_open.size);
      return false;
    }
    mapping = static_cast<std::byte*>(address);
    return true;
  }

  Status cannot_open(const std::string& why) const {
    return Status::Error(Code::kFileOpen, "Cannot open " + path + ": " + why + ".");
  }

  Status read(std::uint64_t offset, std::size_t length, std::byte* into) const {
    std::size_t have = 0;
    while (have < length) {
      const std::size_t want = std::min(length - have, kLargestRead);
      const ssize_t got = pread(descriptor, into + have, want, static_cast<off_t>(offset + have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Status::Error(Code::kReadFailed, "Cannot read " + path + ": " + reason(errno) + ".");
      if (got == 0)
        return Status::Error(Code::kFileTooShort, path + " ended at byte " + std::to_string(offset + have) + ".");
      have += static_cast<std::size_t>(got);
    }
    return Status::Ok();
  }

  void advise(std::uint64_t offset, std::uint64_t length, int advice) const {
    static const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    const std::uint64_t begin = std::min(offset, at_open.size) / page * page;
    const std::uint64_t end = length > at_open.size - std::min(offset, at_open.size) ? at_open.size : offset + length;
    if (end > begin) madvise(mapping + begin, end - begin, advice);
  }
};

File::File() : impl_(std::make_unique<Impl>()) {}
File::~File() = default;

Status File::open(const std::string& path, Access access, std::shared_ptr<File>* out) try {
  std::shared_ptr<File> file(new File());
  Impl& impl = *file->impl_;
  impl.path = path;
  if (Status status = impl.open_descriptor(); !status.ok()) return status;
  const bool automatic = access == Access::kAuto;
  const bool read_only = access == Access::kRead || impl.at_open.size == 0 ||
                         (automatic && (is_recent(impl.at_open.modified) || is_remote_file_system(impl.descriptor)));
  if (!read_only && !impl.map() && !automatic) return impl.cannot_open("it cannot be mapped, " + reason(errno));
  *out = std::move(file);
  return Status::Ok();
} catch (const std::bad_alloc&) {
  return Status::Error(Code::kOutOfMemory, "");
}

const std::string& File::path() const { return impl_->path; }
std::uint64_t File::size() const { return impl_->at_open.size; }
Access File::access() const { return impl_->mapping != nullptr ? Access::kMap : Access::kRead; }

Status File::bytes(std::uint64_t offset, std::size_t length, std::byte* scratch, const std::byte** out) const {
  if (offset > size() || length > size() - offset) {
    return Status::Error(Code::kFileTooShort, path() + " has " + std::to_string(size()) + " bytes, asked for " +
                                                  std::to_string(length) + " from byte " + std::to_string(offset) +
                                                  ".");
  }
  if (impl_->mapping != nullptr) {
    *out = impl_->mapping + offset;
    return Status::Ok();
  }
  *out = scratch;
  return impl_->read(offset, length, scratch);
}

void File::will_need(std::uint64_t offset, std::uint64_t length) const {
  if (impl_->mapping != nullptr) {
    impl_->advise(offset, length, MADV_WILLNEED);
  } else {
    read_ahead(impl_->descriptor, offset, length);
  }
}

void File::dont_need(std::uint64_t offset, std::uint64_t length) const {
  // Lets go of the mapped pages only: the page cache is the system's, and the next run may want it warm.
  if (impl_->mapping != nullptr) impl_->advise(offset, length, MADV_DONTNEED);
}

Status File::check_unchanged() const {
  const auto changed = [this](const std::string& how) {
    return Status::Error(Code::kFileChanged, path() + " changed while it was open: " + how + ".");
  };
  if (impl_->guard.damaged())
    return changed("a mapped page could not be read, the file was cut short or the disk failed");
  struct stat info = {};
  if (fstat(impl_->descriptor, &info) != 0) return changed(reason(errno));
  const Fingerprint was = impl_->at_open;
  const Fingerprint now = fingerprint_of(info);
  if (now.size != was.size) {
    return changed("it had " + std::to_string(was.size) + " bytes and has " + std::to_string(now.size));
  }
  if (now.device != was.device || now.inode != was.inode) return changed("it is another file now");
  if (now.modified != was.modified) return changed("it was modified");
  return Status::Ok();
}

}  // namespace polarimeter
