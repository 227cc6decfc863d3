#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "polarimeter/derivation.h"

namespace polarimeter {

/// A derivation from other views.
class Combined : public Derivation {
 public:
  Status check_unchanged() const override;
  std::uint64_t held_bytes() const override { return held_bytes_; }
  int depth() const override { return depth_; }
  std::string describe() const override;

 protected:
  /// The parts are valid and admitted.
  Combined(std::vector<TensorView> parts, std::uint64_t own_bytes);

  const TensorView& part(std::size_t i) const { return parts_[i]; }

 private:
  std::vector<TensorView> parts_;
  std::uint64_t held_bytes_;
  int depth_;
};

/// Whether a derivation may be made of these parts and hold `own_bytes` itself: parts valid, depth and memory within
/// their limits. fails kInvalidArgument kFileTooShort
Status admit(const std::vector<TensorView>& parts, std::uint64_t own_bytes);

/// What `of` a derivation was refused for.
Status refused(const std::string& what);

/// "rows x cols"
std::string shape_text(const TensorView& view);

/// A view of a derivation with its dtype, in a shape of its elements.
TensorView view_of(std::shared_ptr<const Derivation> derivation, std::int64_t rows, std::int64_t cols);

}  // namespace polarimeter
