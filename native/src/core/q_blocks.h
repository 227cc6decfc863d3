#pragma once

#include <cstddef>
#include <cstdint>

#include "polarimeter/derivation.h"

namespace polarimeter {

/// How a GGUF block type lies in a file: `bytes` for `elements` neighbours of a row.
struct QBlock {
  std::int64_t elements = 0;
  std::int64_t bytes = 0;
  /// One block to float64, exactly.
  void (*decode)(const std::byte* block, double* out) = nullptr;
};

/// Largest number of elements of any block.
inline constexpr std::int64_t kMaxQElements = 256;

/// Null for encodings that are no blocks.
const QBlock* q_block(Encoding encoding);

}  // namespace polarimeter
