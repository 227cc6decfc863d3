#include "core/element_worker.h"

#include <algorithm>
#include <cstring>

namespace polarimeter {
namespace {

// Sums of squares between which float32 products of bf16 numbers carry a block: above, an element could overflow;
// below, elements whose squares vanish in float32 (under 2^-126 each, 2^18 of them) could count for more than 2^-28 of
// the sum.
constexpr double kSmallestSum = 0x1p-80;
constexpr double kLargestSum = 0x1p+100;
// A staged value this large may round to a bf16 infinity.
constexpr double kLargestStagedSum = 0x1p+200;

bool all_zero(const std::byte* codes, std::int64_t count) {
  std::uint16_t any = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint16_t code = 0;
    std::memcpy(&code, codes + 2 * i, sizeof code);
    any = static_cast<std::uint16_t>(any | (code & 0x7FFFU));
  }
  return any == 0;
}

template <class Element>
Element* tile_of(AlignedVector<Element>& tiles, std::size_t index) {
  return tiles.data() + index * static_cast<std::size_t>(kTileElements);
}

}  // namespace

void ElementRecord::add(const ElementRecord& other) {
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].add(other.pairs[i]);
  for (std::size_t i = 0; i < dots.size(); ++i) dots[i] += other.dots[i];
  overlaps.add(other.overlaps);
}

ElementWorker::ElementWorker(const ElementPlan& plan) : plan_(plan), counter_(plan), overlap_(plan) {
  const std::size_t views = plan.views.size();
  const auto tile = static_cast<std::size_t>(kTileElements);
  bytes_.resize(views);
  read_.resize(views);
  padding_.resize(2 * tile * views);
  values_.resize(tile * views);
  codes_.resize(tile * views);
  ordered_.resize(tile);
  updates_f32_.resize(tile * plan.variants());
  updates_f64_.resize(tile * plan.variants());
  masks_.resize(plan.variants(), AlignedVector<std::uint64_t>(ElementGeometry::kBlockElements / 64 + 1));
  pairs_.resize(plan.variants());
  dot_lanes_.resize(plan.dots() * kLanes);
}

Status ElementWorker::run_chunk(std::int64_t chunk, Control& control, ChangeProfiles* profiles, ElementRecord* record) {
  const std::int64_t begin = chunk * ElementGeometry::kBlocksPerChunk;
  const std::int64_t end = std::min(begin + ElementGeometry::kBlocksPerChunk, plan_.geometry.blocks());
  for (std::int64_t index = begin; index < end; ++index) {
    const ElementBlock block = plan_.geometry.block(index);
    if (Status status = run_block(block, control, record); !status.ok()) return status;
    for (std::size_t variant = 0; plan_.profiles && variant < plan_.variants(); ++variant) {
      counter_.count(variant, block, masks_[variant].data(), profiles);
    }
    if (plan_.overlaps) overlap_.count(masks_, &record->overlaps);
    std::uint64_t bytes = 0;
    for (const TensorView& view : plan_.views) {
      bytes += static_cast<std::uint64_t>(block.elements() * element_size(view.dtype));
    }
    control.done.fetch_add(bytes, std::memory_order_relaxed);
  }
  counter_.flush(profiles);
  return Status::Ok();
}

Status ElementWorker::run_block(const ElementBlock& block, Control& control, ElementRecord* record) {
  if (Status status = fetch(block); !status.ok()) return status;
  reset();
  if (plan_.overlaps) overlap_.start(block.elements());
  bool exact = false;
  ElementRecord sums(plan_);
  for (;;) {
    for (Tile tile; tile.first < block.elements(); tile.first += kTileElements) {
      if (control.cancelled.load(std::memory_order_relaxed)) return Status::Error(Code::kCancelled, "Cancelled.");
      tile.count = std::min(kTileElements, block.elements() - tile.first);
      tile.padded = (tile.count + kTileQuantum - 1) / kTileQuantum * kTileQuantum;
      if (exact) {
        run_tile_exact(tile, &sums);
      } else if (plan_.staged) {
        run_tile_staged(tile);
      } else {
        run_tile_in_place(tile);
      }
    }
    if (exact || finish_fast(block, &sums)) break;
    exact = true;
    reset();
    sums = ElementRecord(plan_);
  }
  finish_dots(&sums);
  record->add(sums);
  return Status::Ok();
}

Status ElementWorker::fetch(const ElementBlock& block) {
  for (std::size_t i = 0; i < plan_.views.size(); ++i) {
    const TensorView& view = plan_.views[i];
    const auto length = static_cast<std::size_t>(block.elements() * element_size(view.dtype));
    if (view.needs_scratch()) read_[i].resize(std::max(read_[i].size(), length));
    if (Status status = view.read(block.first, block.elements(), read_[i].data(), &bytes_[i]); !status.ok()) {
      return status;
    }
  }
  return Status::Ok();
}

void ElementWorker::reset() {
  reference_ = ReferenceState();
  std::fill(pairs_.begin(), pairs_.end(), PairState());
  std::fill(dot_lanes_.begin(), dot_lanes_.end(), 0.0);
}

void ElementWorker::run_tile_in_place(const Tile& tile) {
  const ElementKernels& kernels = plan_.kernels;
  PairTile pair;
  pair.count = tile.padded;
  pair.ordered = ordered_.data();
  pair.reference = padded_tile(0, tile);
  kernels.reference_bf16(pair.reference, tile.padded, ordered_.data(), &reference_);
  double* lanes = dot_lanes_.data();
  for (std::size_t j = 0; j < plan_.variants(); ++j) {
    pair.variant = padded_tile(j + 1, tile);
    pair.changed = mask(j, tile);
    const std::size_t together = std::min<std::size_t>(j, kEarlier);
    const bool asked_for = j + 1 < plan_.variants() || together < j;
    pair.updates = asked_for ? tile_of(updates_f32_, j) : nullptr;
    for (std::size_t i = 0; i < together; ++i, lanes += kLanes) {
      pair.earlier[i] = tile_of(updates_f32_, i);
      pair.earlier_dots[i] = lanes;
    }
    kernels.pair_bf16(pair, plan_.thresholds, &pairs_[j]);
    for (std::size_t i = together; i < j; ++i, lanes += kLanes) {
      kernels.dot_f32(tile_of(updates_f32_, i), pair.updates, tile.padded, lanes);
    }
  }
}

void ElementWorker::run_tile_staged(const Tile& tile) {
  const ElementKernels& kernels = plan_.kernels;
  stage(0, tile);
  kernels.reference_staged(staged(0), tile.padded, &reference_);
  for (std::size_t i = 0; i < plan_.variants(); ++i) {
    stage(i + 1, tile);
    const StagedTile reference = staged(0);
    const StagedTile variant = staged(i + 1);
    kernels.sums_staged(reference, variant, tile.padded, plan_.difference, tile_of(updates_f64_, i), &pairs_[i]);
    kernels.beyond(reference.codes, variant.codes, tile.padded, plan_.thresholds, &pairs_[i]);
    kernels.steps(reference.codes, variant.codes, tile.padded, mask(i, tile), &pairs_[i]);
  }
  add_dots_f64(tile);
}

void ElementWorker::run_tile_exact(const Tile& tile, ElementRecord* record) {
  stage(0, tile);
  for (std::size_t i = 0; i < plan_.variants(); ++i) {
    stage(i + 1, tile);
    double* const updates = tile_of(updates_f64_, i);
    exact_pair(staged(0), staged(i + 1), tile.count, plan_.difference, plan_.thresholds, mask(i, tile), updates,
               &record->pairs[i]);
    if (plan_.overlaps) overlap_.exclude(tile.first, tile.count, staged(0), staged(i + 1));
    std::fill(updates + tile.count, updates + tile.padded, 0.0);
  }
  add_dots_f64(tile);
}

const std::byte* ElementWorker::padded_tile(std::size_t view, const Tile& tile) {
  const std::byte* const source = bytes_[view] + 2 * tile.first;
  if (tile.count == tile.padded) return source;
  std::byte* const copy = padding_.data() + static_cast<std::size_t>(2 * kTileElements) * view;
  std::memcpy(copy, source, static_cast<std::size_t>(2 * tile.count));
  std::memset(copy + 2 * tile.count, 0, static_cast<std::size_t>(2 * (tile.padded - tile.count)));
  return copy;
}

void ElementWorker::stage(std::size_t view, const Tile& tile) {
  const DType dtype = plan_.views[view].dtype;
  plan_.kernels.widen(dtype, bytes_[view] + tile.first * element_size(dtype), tile.count, staged(view));
}

StagedTile ElementWorker::staged(std::size_t view) { return {tile_of(values_, view), tile_of(codes_, view)}; }

std::uint64_t* ElementWorker::mask(std::size_t variant, const Tile& tile) {
  return masks_[variant].data() + tile.first / 64;
}

void ElementWorker::add_dots_f64(const Tile& tile) {
  double* lanes = dot_lanes_.data();
  for (std::size_t j = 1; j < plan_.variants(); ++j) {
    for (std::size_t i = 0; i < j; ++i, lanes += kLanes) {
      plan_.kernels.dot_f64(tile_of(updates_f64_, i), tile_of(updates_f64_, j), tile.padded, lanes);
    }
  }
}

bool ElementWorker::finish_fast(const ElementBlock& block, ElementRecord* record) const {
  for (std::size_t i = 0; i < plan_.variants(); ++i) {
    PairSums sums = sums_of_states(reference_, pairs_[i], block.elements());
    if (!in_range(0, block, sums.sum_sq_reference) || !in_range(i + 1, block, sums.sum_sq_variant)) return false;
    if (!plan_.staged) {
      if (sums.max_abs_update != 0 && !(sums.sum_sq_update >= kSmallestSum)) return false;
      sums.changed_native = sums.changed;
    }
    record->pairs[i] = sums;
  }
  return true;
}

bool ElementWorker::in_range(std::size_t view, const ElementBlock& block, double sum_sq) const {
  if (plan_.staged) return sum_sq <= kLargestStagedSum;
  if (sum_sq >= kSmallestSum) return sum_sq <= kLargestSum;
  return sum_sq == 0 && all_zero(bytes_[view], block.elements());
}

void ElementWorker::finish_dots(ElementRecord* record) const {
  for (std::size_t i = 0; i < record->dots.size(); ++i) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) record->dots[i] += dot_lanes_[i * kLanes + lane];
  }
}

}  // namespace polarimeter
