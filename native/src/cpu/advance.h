#pragma once

#include <cstdint>

#include "polarimeter/job.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// Counts `work` units as done. fails kCancelled
inline Status advance(Control& control, double work) {
  control.done += static_cast<std::uint64_t>(work);
  return control.cancelled ? Status::Error(Code::kCancelled, "Cancelled.") : Status::Ok();
}

}  // namespace polarimeter
