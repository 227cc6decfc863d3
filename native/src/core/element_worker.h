#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/aligned_vector.h"
#include "core/change_overlap.h"
#include "core/change_profile.h"
#include "core/element_plan.h"
#include "cpu/element_block_exact.h"
#include "polarimeter/job.h"

namespace polarimeter {

/// What a run of blocks adds to the result.
struct ElementRecord {
  std::vector<PairSums> pairs;  ///< one per variant
  std::vector<double> dots;     ///< updates i < j, as (0,1) (0,2) (1,2) (0,3) ...
  OverlapSums overlaps;

  explicit ElementRecord(const ElementPlan& plan) : pairs(plan.variants()), dots(plan.dots()), overlaps(plan) {}
  void add(const ElementRecord& other);
};

/// One thread's working memory for an element pass, and the way of a chunk through it.
class ElementWorker {
 public:
  explicit ElementWorker(const ElementPlan& plan);

  /// fails kFileTooShort kReadFailed kCancelled
  Status run_chunk(std::int64_t chunk, Control& control, ChangeProfiles* profiles, ElementRecord* record);

 private:
  /// A tile of a block: `count` elements from element `first` of the block.
  struct Tile {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::int64_t padded = 0;
  };

  Status run_block(const ElementBlock& block, Control& control, ElementRecord* record);
  Status fetch(const ElementBlock& block);
  void reset();
  void run_tile_in_place(const Tile& tile);
  void run_tile_staged(const Tile& tile);
  void run_tile_exact(const Tile& tile, ElementRecord* record);
  const std::byte* padded_tile(std::size_t view, const Tile& tile);
  void stage(std::size_t view, const Tile& tile);
  StagedTile staged(std::size_t view);
  std::uint64_t* mask(std::size_t variant, const Tile& tile);
  void add_dots_f64(const Tile& tile);
  /// The block's sums, or false when the fast loops cannot be trusted with it.
  bool finish_fast(const ElementBlock& block, ElementRecord* record) const;
  bool in_range(std::size_t view, const ElementBlock& block, double sum_sq) const;
  void finish_dots(ElementRecord* record) const;

  const ElementPlan& plan_;
  std::vector<const std::byte*> bytes_;              ///< per view: the block's first byte
  std::vector<AlignedVector<std::byte>> read_;       ///< per view: a block, where the view needs it
  AlignedVector<std::byte> padding_;                 ///< per view: a padded tile in place
  AlignedVector<double> values_;                     ///< per view: a staged tile
  AlignedVector<std::uint16_t> codes_;               ///< per view: a staged tile
  AlignedVector<std::int16_t> ordered_;              ///< the reference's tile in place, codes in the order of values
  AlignedVector<float> updates_f32_;                 ///< per variant: a tile
  AlignedVector<double> updates_f64_;                ///< per variant: a tile
  std::vector<AlignedVector<std::uint64_t>> masks_;  ///< per variant: a block, and a word more for shifted reads
  ReferenceState reference_;
  std::vector<PairState> pairs_;
  AlignedVector<double> dot_lanes_;  ///< (dots, kLanes)
  ChangeCounter counter_;
  OverlapCounter overlap_;
};

}  // namespace polarimeter
