#include "core/strided_axis.h"

#include <algorithm>

#include "core/combined.h"

namespace polarimeter {
namespace {

constexpr std::size_t kMaxDigits = 16;

}  // namespace

Status AxisDigits::make(const StridedAxis& axis, AxisDigits* out) {
  *out = AxisDigits();
  if (axis.sizes.size() != axis.strides.size()) return refused("has an axis with other numbers of sizes and strides");
  if (axis.sizes.size() > kMaxDigits) return refused("has an axis of more than 16 digits");
  for (std::size_t i = 0; i < axis.sizes.size(); ++i) {
    const std::int64_t size = axis.sizes[i];
    const std::int64_t stride = axis.strides[i];
    if (size < 0 || stride < 0) return refused("has an axis with a negative size or stride");
    std::int64_t reach = 0;
    bool fits = !__builtin_mul_overflow(out->length_, size, &out->length_);
    if (fits && (size == 1 || out->length_ == 0)) continue;
    fits = fits && !__builtin_mul_overflow(size - 1, stride, &reach) &&
           !__builtin_add_overflow(out->last_, reach, &out->last_);
    if (!fits) return refused("has an axis beyond what 64 bits can count");
    std::int64_t period = 0;
    const bool counts_on =
        !out->sizes_.empty() && !__builtin_mul_overflow(size, stride, &period) && out->strides_.back() == period;
    if (counts_on) {
      out->sizes_.back() *= size;
      out->strides_.back() = stride;
    } else {
      out->sizes_.push_back(size);
      out->strides_.push_back(stride);
    }
  }
  if (out->length_ == 0) {
    *out = AxisDigits();
    out->length_ = 0;
  }
  return Status::Ok();
}

std::int64_t AxisDigits::at(std::int64_t index) const {
  std::int64_t place = 0;
  for (std::size_t i = sizes_.size(); i-- > 0; index /= sizes_[i]) place += index % sizes_[i] * strides_[i];
  return place;
}

std::int64_t AxisDigits::run(std::int64_t index, std::int64_t most) const {
  if (sizes_.empty()) return std::min<std::int64_t>(1, most);
  return std::min(most, sizes_.back() - index % sizes_.back());
}

}  // namespace polarimeter
