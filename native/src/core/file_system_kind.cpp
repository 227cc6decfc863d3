// The one place where operating systems differ in how they describe files.
#include "core/file_system_kind.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

#if defined(__APPLE__)
#include <sys/mount.h>
#include <sys/param.h>
#else
#include <sys/vfs.h>
#endif

namespace polarimeter {
namespace {

constexpr std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

#if defined(__APPLE__)

bool is_remote_file_system(int descriptor) {
  struct statfs info = {};
  return fstatfs(descriptor, &info) != 0 || (info.f_flags & MNT_LOCAL) == 0;
}

std::int64_t modification_time(const struct stat& info) { return nanoseconds(info.st_mtimespec); }

void read_ahead(int descriptor, std::uint64_t offset, std::uint64_t length) {
  radvisory advice = {static_cast<off_t>(offset), static_cast<int>(std::min<std::uint64_t>(length, 1U << 30U))};
  fcntl(descriptor, F_RDADVISE, &advice);
}

#else

bool is_remote_file_system(int descriptor) {
  // Magic numbers from statfs(2) and the sources of the file systems themselves.
  constexpr std::array<std::uint32_t, 18> kRemote = {
      0x6969,      // NFS
      0x517B,      // SMB
      0xFF534D42,  // CIFS
      0xFE534D42,  // SMB2
      0x65735546,  // FUSE
      0x01021997,  // 9P
      0x00C36400,  // Ceph
      0x0BD00BD0,  // Lustre
      0x5346414F,  // OpenAFS
      0x6B414653,  // AFS
      0x73757245,  // Coda
      0x47504653,  // GPFS
      0x19830326,  // BeeGFS
      0xAAD7AAEA,  // PanFS
      0x786F4256,  // VirtualBox shared folder
      0x7C7C6673,  // Parallels shared folder
      0xBACBACBC,  // VMware shared folder
      0x7461636F,  // OCFS2
  };
  struct statfs info = {};
  if (fstatfs(descriptor, &info) != 0) return true;
  return std::find(kRemote.begin(), kRemote.end(), static_cast<std::uint32_t>(info.f_type)) != kRemote.end();
}

std::int64_t modification_time(const struct stat& info) { return nanoseconds(info.st_mtim); }

void read_ahead(int descriptor, std::uint64_t offset, std::uint64_t length) {
  posix_fadvise(descriptor, static_cast<off_t>(offset), static_cast<off_t>(length), POSIX_FADV_WILLNEED);
}

#endif

}  // namespace polarimeter
