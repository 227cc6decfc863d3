#pragma once

#include <cstdint>
#include <vector>

#include "polarimeter/derivation.h"
#include "polarimeter/status.h"

namespace polarimeter {

/// A StridedAxis that was checked and brought into its shortest form: digits of one value gone, neighbours that count
/// on evenly merged.
class AxisDigits {
 public:
  /// fails kInvalidArgument: lists of different lengths, too many digits, negative numbers, overflow
  static Status make(const StridedAxis& axis, AxisDigits* out);

  std::int64_t length() const { return length_; }
  /// Where the last index lies; 0 of an empty axis.
  std::int64_t last() const { return last_; }
  std::size_t digits() const { return sizes_.size(); }
  /// Distance of neighbours within a run; 1 of an axis of one index.
  std::int64_t last_stride() const { return strides_.empty() ? 1 : strides_.back(); }
  /// Whether neighbouring indices are neighbours.
  bool has_runs() const { return last_stride() == 1; }

  /// Where an index lies.
  std::int64_t at(std::int64_t index) const;
  /// How many of the `most` indices from `index` on lie evenly apart.
  std::int64_t run(std::int64_t index, std::int64_t most) const;

 private:
  std::vector<std::int64_t> sizes_;
  std::vector<std::int64_t> strides_;
  std::int64_t length_ = 1;
  std::int64_t last_ = 0;
};

}  // namespace polarimeter
