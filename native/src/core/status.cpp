#include "polarimeter/status.h"

namespace polarimeter {

const char* code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "ok";
    case Code::kCancelled:
      return "cancelled";
    case Code::kInvalidArgument:
      return "invalid-argument";
    case Code::kFileOpen:
      return "file-open";
    case Code::kFileTooShort:
      return "file-too-short";
    case Code::kFileChanged:
      return "file-changed";
    case Code::kReadFailed:
      return "read-failed";
    case Code::kOutOfMemory:
      return "out-of-memory";
    case Code::kNotFinite:
      return "not-finite";
    case Code::kNoConvergence:
      return "no-convergence";
    case Code::kLibraryMissing:
      return "library-missing";
    case Code::kDiskFull:
      return "disk-full";
    case Code::kWriteFailed:
      return "write-failed";
  }
  return "unknown";
}

}  // namespace polarimeter
