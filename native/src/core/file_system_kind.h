#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>

namespace polarimeter {

/// Whether the file system behind `descriptor` is one where mapping is slow or unsafe: network, cluster, FUSE, shared
/// folders of virtual machines. True when the system cannot tell.
bool is_remote_file_system(int descriptor);

/// Modification time of a file in nanoseconds since 1970.
std::int64_t modification_time(const struct stat& info);

/// Asks for readahead of a file that is read and not mapped. A hint.
void read_ahead(int descriptor, std::uint64_t offset, std::uint64_t length);

}  // namespace polarimeter
