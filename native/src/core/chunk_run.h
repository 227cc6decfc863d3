#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "polarimeter/job.h"
#include "polarimeter/status.h"
#include "polarimeter/tensor_view.h"

namespace polarimeter {

/// Runs `body` for every chunk on the executor until one fails or the caller cancels, then asks every file whether it
/// changed: a file that did is the answer whatever else went wrong. Throws what `body` throws.
Status run_chunks(std::int64_t chunks, Executor& executor, Control& control, const std::vector<TensorView>& views,
                  const std::function<Status(std::int64_t)>& body);

/// Bytes of all views together.
std::uint64_t total_bytes(const std::vector<TensorView>& views);

/// The answer of an operation that ran out of memory; allocates nothing.
Status out_of_memory() noexcept;

}  // namespace polarimeter
