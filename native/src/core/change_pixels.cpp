#include "core/change_pixels.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "cpu/element_codes.h"

namespace polarimeter {
namespace {

/// Counters of 16 bits take as many rows of the most variants.
constexpr std::int64_t kMostRows = 512;
constexpr std::int64_t kNoValue = -128;

std::uint8_t signed_byte(std::int64_t value) { return static_cast<std::uint8_t>(value & 0xFF); }

/// part / whole times 255, to the nearest; the ends stand for nothing and everything alone.
std::uint8_t share_byte(std::uint64_t part, std::uint64_t whole) {
  if (part == 0) return 0;
  if (part == whole) return 255;
  const std::uint64_t nearest = (510 * part + whole) / (2 * whole);
  return static_cast<std::uint8_t>(std::clamp<std::uint64_t>(nearest, 1, 254));
}

std::uint8_t direction_byte(std::uint64_t up, std::uint64_t changed) {
  if (changed == 0) return signed_byte(kNoValue);
  const auto all = static_cast<std::int64_t>(changed);
  const std::int64_t balance = 2 * static_cast<std::int64_t>(up) - all;
  const std::int64_t size = (254 * std::abs(balance) + all) / (2 * all);
  return signed_byte(balance < 0 ? -size : size);
}

template <class Counter>
std::uint64_t sum_of(const Counter* counters, std::int64_t count) {
  return std::accumulate(counters, counters + count, std::uint32_t{0});
}

bool is_finite(const std::byte* codes, std::int64_t i) { return (load_code(codes, i) & 0x7FFFU) < 0x7F80U; }

}  // namespace

ChangePixels::ChangePixels(const ChangeTileRequest& request)
    : reduction_(request.reduction),
      variants_(request.variants.size()),
      region_{request.row, request.col, request.rows, request.cols},
      level_(request.level),
      rows_(((request.rows - 1) >> request.level) + 1),
      cols_(((request.cols - 1) >> request.level) + 1),
      pixels_(static_cast<std::size_t>(rows_ * cols_)) {}

void ChangePixels::add(std::int64_t row, std::int64_t col, const std::vector<ChangePixel>& found) {
  const std::lock_guard lock(mutex_);
  ChangePixel* pixel = pixels_.data() + row * cols_ + col;
  for (const ChangePixel& more : found) {
    pixel->invalid += more.invalid;
    pixel->changed += more.changed;
    pixel->up += more.up;
    pixel->highest = std::max(pixel->highest, more.highest);
    pixel->lowest = std::min(pixel->lowest, more.lowest);
    ++pixel;
  }
}

std::vector<std::uint8_t> ChangePixels::bytes() const {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(pixels_.size());
  const std::int64_t side = std::int64_t{1} << level_;
  for (std::int64_t row = 0; row < rows_; ++row) {
    const std::int64_t height = std::min(side, region_.rows - row * side);
    for (std::int64_t col = 0; col < cols_; ++col) {
      const std::int64_t width = std::min(side, region_.cols - col * side);
      bytes.push_back(byte_of(pixels_[bytes.size()], static_cast<std::uint64_t>(height * width)));
    }
  }
  return bytes;
}

std::uint8_t ChangePixels::byte_of(const ChangePixel& pixel, std::uint64_t weights) const {
  switch (reduction_) {
    case ChangeReduction::kSteps: {
      if (pixel.invalid > 0) return signed_byte(kNoValue);
      const int furthest = pixel.highest >= -pixel.lowest ? pixel.highest : pixel.lowest;
      return signed_byte(std::clamp(furthest, -127, 127));
    }
    case ChangeReduction::kDirection:
      return direction_byte(pixel.up, pixel.changed);
    case ChangeReduction::kDensity:
    case ChangeReduction::kConsensus:
      return share_byte(pixel.changed, (weights - pixel.invalid) * variants_);
  }
  return 0;
}

ColumnCounter::ColumnCounter(const ElementKernels& kernels, ChangeReduction reduction)
    : kernels_(kernels), reduction_(reduction) {}

Status ColumnCounter::count(const std::vector<CodeRows>& codes, const Region& block, const Control& control,
                            ChangePixels* pixels) {
  std::int64_t first = 0;
  while (first < block.rows) {
    const std::int64_t pixel_row = (block.row + first) >> pixels->level();
    const std::int64_t next = ((pixel_row + 1) << pixels->level()) - block.row;
    const std::int64_t end = std::min({next, first + kMostRows, block.rows});
    start(block.cols);
    for (std::int64_t row = first; row < end; ++row) {
      if (control.cancelled.load(std::memory_order_relaxed)) return Status::Error(Code::kCancelled, "Cancelled.");
      count_row(codes, row, block.cols);
    }
    flush(pixel_row, block, pixels);
    first = end;
  }
  return Status::Ok();
}

void ColumnCounter::start(std::int64_t cols) {
  const auto padded = static_cast<std::size_t>((cols + kTileQuantum - 1) / kTileQuantum * kTileQuantum);
  if (reduction_ == ChangeReduction::kSteps) {
    highest_.assign(padded, 0);
    lowest_.assign(padded, 0);
  } else {
    changed_.assign(padded, 0);
  }
  if (reduction_ == ChangeReduction::kDirection) up_.assign(padded, 0);
  any_invalid_ = false;
}

void ColumnCounter::count_row(const std::vector<CodeRows>& codes, std::int64_t row, std::int64_t cols) {
  row_.clear();
  bool finite = true;
  for (const CodeRows& view : codes) {
    row_.push_back(view.row(row));
    finite = finite && kernels_.all_finite(row_.back(), cols);
  }
  if (!finite) clear_invalid(codes, row, cols);
  const ChangeColumns columns{changed_.data(), up_.data(), highest_.data(), lowest_.data()};
  const auto add = reduction_ == ChangeReduction::kSteps       ? kernels_.widen_steps
                   : reduction_ == ChangeReduction::kDirection ? kernels_.add_directions
                                                               : kernels_.add_changed;
  for (std::size_t i = 1; i < row_.size(); ++i) add(row_[0], row_[i], cols, columns);
}

/// Replaces the row by a copy in which what is invalid on any side has not changed.
void ColumnCounter::clear_invalid(const std::vector<CodeRows>& codes, std::int64_t row, std::int64_t cols) {
  const auto width = static_cast<std::size_t>(cols);
  if (!any_invalid_) invalid_.assign(width, 0);
  any_invalid_ = true;
  std::vector<bool> valid(width, true);
  for (const CodeRows& view : codes) {
    for (std::int64_t i = 0; i < cols; ++i) {
      if (!is_finite(view.row(row), i)) valid[static_cast<std::size_t>(i)] = false;
    }
  }
  cleared_.resize(codes.size());
  for (std::size_t view = 0; view < codes.size(); ++view) {
    cleared_[view].resize(width);
    for (std::size_t i = 0; i < width; ++i) {
      const std::uint16_t code = load_code(codes[view].row(row), static_cast<std::int64_t>(i));
      cleared_[view][i] = valid[i] ? code : std::uint16_t{0};
    }
    row_[view] = reinterpret_cast<const std::byte*>(cleared_[view].data());
  }
  for (std::size_t i = 0; i < width; ++i) {
    if (!valid[i]) ++invalid_[i];
  }
}

void ColumnCounter::flush(std::int64_t pixel_row, const Region& block, ChangePixels* pixels) {
  const int level = pixels->level();
  const std::int64_t first = block.col >> level;
  found_.clear();
  for (std::int64_t col = 0; col < block.cols;) {
    const std::int64_t edge = (((block.col + col) >> level) + 1) << level;
    const std::int64_t width = std::min(edge - block.col, block.cols) - col;
    ChangePixel pixel;
    if (any_invalid_) pixel.invalid = sum_of(invalid_.data() + col, width);
    if (reduction_ == ChangeReduction::kSteps) {
      pixel.highest = *std::max_element(highest_.data() + col, highest_.data() + col + width);
      pixel.lowest = *std::min_element(lowest_.data() + col, lowest_.data() + col + width);
    } else {
      pixel.changed = sum_of(changed_.data() + col, width);
    }
    if (reduction_ == ChangeReduction::kDirection) pixel.up = sum_of(up_.data() + col, width);
    found_.push_back(pixel);
    col += width;
  }
  pixels->add(pixel_row, first, found_);
}

}  // namespace polarimeter
