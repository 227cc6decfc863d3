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

class Derivation;

/// A run of bytes in a file.
struct ByteRange {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// A matrix of rows x cols elements, row-major. Stored: little-endian, without gaps, from `offset` of `file`. Derived
/// (see derivation.h): made on the fly from other bytes or views, `file` empty. A tensor of one dimension is (1, n);
/// more than two dimensions are (first, product of the rest).
struct TensorView {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  DType dtype = DType::kBF16;  ///< of the elements that operations see
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::shared_ptr<const Derivation> derivation = nullptr;

  std::int64_t elements() const { return rows * cols; }  ///< cannot overflow once validate() passed
  /// Whether there is anything to read: an optional operand that was left out has neither.
  bool present() const { return file || derivation; }
  /// Shape not negative, product and byte range without overflow and inside the file; of a derived view, the elements
  /// that its derivation has. fails kInvalidArgument kFileTooShort
  Status validate() const;

  /// Whether read() fills the scratch memory; else it points into the mapping of the file.
  bool needs_scratch() const;
  /// The elements [first, first + count), counted row by row. `scratch` holds count elements and is aligned for them
  /// where needs_scratch(). Throws std::bad_alloc alone.
  /// fails kInvalidArgument kFileTooShort kReadFailed kOutOfMemory
  Status read(std::int64_t first, std::int64_t count, std::byte* scratch, const std::byte** out) const;
  /// Every file behind the view. fails kFileChanged
  Status check_unchanged() const;

  /// The stored bytes that the view is a plain reading of. fails kInvalidArgument where it is made of several tensors
  Status stored_bytes(ByteRange* out) const;
  /// Bytes of memory that reading holds as long as the view lives: the factors of its derivations.
  std::uint64_t held_bytes() const;
  /// Derivations on top of each other; 0 for stored views, whatever their encoding.
  int depth() const;
  /// Whether one element alone costs about what it costs among its neighbours.
  bool random_access() const;
  /// What it is, for messages: file and offset, or what it is made of.
  std::string describe() const;
};

}  // namespace polarimeter
