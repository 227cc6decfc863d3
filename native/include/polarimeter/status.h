#pragma once

#include <string>
#include <utility>

namespace polarimeter {

/// Every way in which an operation can end. Names reach JavaScript unchanged (see code_name).
enum class Code {
  kOk,
  kCancelled,        ///< the caller asked for it; never logged as an error
  kInvalidArgument,  ///< a request that contradicts itself (shape, range, dtype)
  kFileOpen,         ///< the file cannot be opened or mapped
  kFileTooShort,     ///< a tensor lies beyond the end of the file
  kFileChanged,      ///< size, time or identity differ from when the file was opened
  kReadFailed,       ///< the operating system refused a read
  kOutOfMemory,      ///< an allocation failed
  kNotFinite,        ///< NaN or infinity where the operation needs finite numbers
  kNoConvergence,    ///< LAPACK reported failure
  kLibraryMissing,   ///< no BLAS/LAPACK library could be loaded
  kDiskFull,         ///< no space is left, or no quota
  kWriteFailed,      ///< the operating system refused a write
};

/// The outcome of an operation. Nothing in this library throws across its face, prints or aborts.
struct [[nodiscard]] Status {
  Code code = Code::kOk;
  std::string message;  ///< what happened and where, in words; empty when ok

  bool ok() const { return code == Code::kOk; }
  static Status Ok() { return {}; }
  static Status Error(Code code, std::string message) { return {code, std::move(message)}; }
};

/// Stable lower-case name of a code, e.g. "file-too-short".
const char* code_name(Code code);

}  // namespace polarimeter
