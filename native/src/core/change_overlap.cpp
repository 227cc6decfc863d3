#include "core/change_overlap.h"

#include <algorithm>

namespace polarimeter {
namespace {

bool is_finite_code(std::uint16_t code) { return (code & 0x7F80U) != 0x7F80U; }

void add_counts(const std::vector<std::uint64_t>& from, std::vector<std::uint64_t>* to) {
  for (std::size_t i = 0; i < from.size(); ++i) (*to)[i] += from[i];
}

}  // namespace

OverlapSums::OverlapSums(const ElementPlan& plan)
    : common(plan.overlaps ? plan.dots() : 0), consensus(plan.overlaps ? plan.variants() + 1 : 0) {}

void OverlapSums::add(const OverlapSums& other) {
  add_counts(other.common, &common);
  add_counts(other.consensus, &consensus);
}

OverlapCounter::OverlapCounter(const ElementPlan& plan)
    : kernels_(plan.kernels),
      valid_(plan.overlaps ? ElementGeometry::kBlockElements / 64 : 0),
      masks_(plan.overlaps ? plan.variants() : 0) {}

void OverlapCounter::start(std::int64_t elements) {
  words_ = (elements + 63) / 64;
  std::fill_n(valid_.begin(), words_, ~std::uint64_t{0});
  if (elements % 64 != 0) {
    valid_[static_cast<std::size_t>(words_ - 1)] = (std::uint64_t{1} << static_cast<unsigned>(elements % 64)) - 1U;
  }
}

void OverlapCounter::exclude(std::int64_t first, std::int64_t count, StagedTile reference, StagedTile variant) {
  for (std::int64_t i = 0; i < count; ++i) {
    if (is_finite_code(reference.codes[i]) && is_finite_code(variant.codes[i])) continue;
    const std::int64_t at = first + i;
    valid_[static_cast<std::size_t>(at / 64)] &= ~(std::uint64_t{1} << static_cast<unsigned>(at % 64));
  }
}

void OverlapCounter::count(const std::vector<AlignedVector<std::uint64_t>>& masks, OverlapSums* sums) {
  std::uint64_t* common = sums->common.data();
  for (std::size_t j = 0; j < masks.size(); ++j) {
    masks_[j] = masks[j].data();
    for (std::size_t i = 0; i < j; ++i, ++common) *common += kernels_.count_common(masks_[i], masks_[j], words_);
  }
  kernels_.count_agreement({masks_.data(), static_cast<int>(masks_.size()), valid_.data(), words_},
                           sums->consensus.data());
}

}  // namespace polarimeter
