#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "polarimeter/status.h"

namespace polarimeter {

enum class DType { kF64, kF32, kF16, kBF16 };

/// Bytes per element.
std::int64_t element_size(DType dtype);

/// How a file's bytes are reached. kAuto maps, except where mapping is slow or unsafe: network and FUSE file systems,
/// and files modified in the last ten seconds, are read with pread.
enum class Access { kAuto, kMap, kRead };

/// A checkpoint file, opened read-only. Thread-safe once open.
///
/// A mapped file that shrinks would raise SIGBUS. The library's handler puts a zero page under the fault and marks
/// the file damaged; every operation asks check_unchanged() before it returns and discards what it computed from such
/// a file.
class File {
 public:
  static Status open(const std::string& path, Access access, std::shared_ptr<File>* out);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const;
  std::uint64_t size() const;
  /// kMap or kRead: the way in use.
  Access access() const;

  /// The bytes [offset, offset + length). Points into the mapping, or into `scratch` (at least `length` bytes) after
  /// a pread.
  /// fails kFileTooShort kReadFailed
  Status bytes(std::uint64_t offset, std::size_t length, std::byte* scratch, const std::byte** out) const;

  /// Tells the kernel that a range will be needed soon, or no longer. Hints only.
  void will_need(std::uint64_t offset, std::uint64_t length) const;
  void dont_need(std::uint64_t offset, std::uint64_t length) const;

  /// fails kFileChanged when identity, size or modification time differ from those at open, or a fault was caught.
  Status check_unchanged() const;

 private:
  File();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A matrix on disk: rows x cols elements, row-major, little-endian, without gaps, from `offset`. A tensor of one
/// dimension is (1, n); more than two dimensions are (first, product of the rest).
struct TensorView {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  DType dtype = DType::kBF16;
  std::int64_t rows = 0;
  std::int64_t cols = 0;

  std::int64_t elements() const { return rows * cols; }  ///< cannot overflow once validate() passed
  /// Shape not negative, product and byte range without overflow and inside the file. fails kInvalidArgument
  /// kFileTooShort
  Status validate() const;
};

}  // namespace polarimeter
