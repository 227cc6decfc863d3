#pragma once

#include <exception>
#include <string>

#include "polarimeter/status.h"

namespace polarimeter {

/// Runs an operation's body. Allocation is the only thing in it that throws, and no exception may leave the library.
template <typename Body>
Status guarded(const char* operation, Body body) noexcept {
  try {
    return body();
  } catch (const std::exception&) {
    return Status::Error(Code::kOutOfMemory, std::string(operation) + " ran out of memory.");
  }
}

}  // namespace polarimeter
