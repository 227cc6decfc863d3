#include "core/change_profile.h"

#include <algorithm>

namespace polarimeter {
namespace {

std::int64_t words_of(std::int64_t bits) { return (bits + 63) / 64; }

/// Copies `bits` bits from bit `first` of `mask` to the start of `out`, the rest of its last word 0. Reads one word
/// past the last bit at most.
void copy_bits(const std::uint64_t* mask, std::int64_t first, std::int64_t bits, std::uint64_t* out) {
  const std::uint64_t* const from = mask + first / 64;
  const auto shift = static_cast<unsigned>(first % 64);
  const std::int64_t words = words_of(bits);
  for (std::int64_t word = 0; word < words; ++word) {
    const std::uint64_t low = from[word] >> shift;
    out[word] = shift == 0 ? low : low | (from[word + 1] << (64U - shift));
  }
  if (bits % 64 != 0) out[words - 1] &= (std::uint64_t{1} << static_cast<unsigned>(bits % 64)) - 1U;
}

}  // namespace

ChangeProfiles::ChangeProfiles(const ElementPlan& plan, std::vector<PairElements>* pairs) : pairs_(pairs) {
  if (!plan.profiles) return;
  for (PairElements& pair : *pairs) {
    pair.row_changed.assign(static_cast<std::size_t>(plan.views.front().rows), 0);
    pair.col_changed.assign(static_cast<std::size_t>(plan.views.front().cols), 0);
  }
}

void ChangeProfiles::add_row(std::size_t variant, std::int64_t row, std::uint32_t changed) {
  // Pieces of a long row come from several threads. std::atomic_ref is not in every standard library yet.
  __atomic_fetch_add(&(*pairs_)[variant].row_changed[static_cast<std::size_t>(row)], changed, __ATOMIC_RELAXED);
}

void ChangeProfiles::add_columns(std::size_t variant, std::int64_t first, const std::vector<std::uint32_t>& counters,
                                 std::int64_t count) {
  const std::lock_guard lock(mutex_);
  std::uint32_t* const into = (*pairs_)[variant].col_changed.data() + first;
  for (std::int64_t i = 0; i < count; ++i) into[i] += counters[static_cast<std::size_t>(i)];
}

ChangeCounter::ChangeCounter(const ElementPlan& plan) : kernels_(plan.kernels) {
  if (!plan.profiles) return;
  const std::int64_t words = words_of(plan.geometry.widest());
  counters_.resize(plan.variants(), std::vector<std::uint32_t>(static_cast<std::size_t>(64 * words), 0));
  aligned_.resize(static_cast<std::size_t>(kMaskRows * words));
  dirty_.resize(plan.variants(), false);
}

void ChangeCounter::count(std::size_t variant, const ElementBlock& block, const std::uint64_t* mask,
                          ChangeProfiles* profiles) {
  if (block.col != first_col_ || block.cols != cols_) {
    flush(profiles);
    first_col_ = block.col;
    cols_ = block.cols;
  }
  const std::int64_t words = words_of(block.cols);
  for (std::int64_t row = 0; row < block.rows; row += kMaskRows) {
    const std::int64_t rows = std::min(kMaskRows, block.rows - row);
    const std::uint64_t* masks = mask + row * block.cols / 64;
    if (block.cols % 64 != 0) {
      for (std::int64_t i = 0; i < rows; ++i) {
        copy_bits(mask, (row + i) * block.cols, block.cols, aligned_.data() + i * words);
      }
      masks = aligned_.data();
    }
    kernels_.count_columns(masks, rows, words, counters_[variant].data());
    count_rows(variant, block, block.row + row, rows, masks, profiles);
  }
  dirty_[variant] = true;
}

void ChangeCounter::count_rows(std::size_t variant, const ElementBlock& block, std::int64_t first_row,
                               std::int64_t rows, const std::uint64_t* masks, ChangeProfiles* profiles) const {
  const std::int64_t words = words_of(block.cols);
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::uint64_t changed = kernels_.count_bits(masks + i * words, words);
    profiles->add_row(variant, first_row + i, static_cast<std::uint32_t>(changed));
  }
}

void ChangeCounter::flush(ChangeProfiles* profiles) {
  for (std::size_t variant = 0; variant < dirty_.size(); ++variant) {
    if (!dirty_[variant]) continue;
    profiles->add_columns(variant, first_col_, counters_[variant], cols_);
    std::fill(counters_[variant].begin(), counters_[variant].end(), 0);
    dirty_[variant] = false;
  }
}

}  // namespace polarimeter
