#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "element_reference.h"
#include "scratch_file.h"

namespace polarimeter::testing {

/// Matrices of one shape in files of their own, an odd number of bytes in: the reference, then the variants.
class StoredMatrices {
 public:
  StoredMatrices(std::vector<Matrix> matrices, Shape shape, Access access);

  const std::vector<Matrix>& matrices() const { return matrices_; }
  Shape shape() const { return shape_; }
  const TensorView& reference() const { return views_[0]; }
  std::vector<TensorView> variants() const { return {views_.begin() + 1, views_.end()}; }
  const ScratchFile& file(std::size_t view) const { return *files_[view]; }

  /// The whole matrix, of all variants for consensus and of the first for the others.
  ChangeTileRequest tile(ChangeReduction reduction, int level) const;

 private:
  std::vector<Matrix> matrices_;
  Shape shape_;
  std::vector<std::unique_ptr<ScratchFile>> files_;
  std::vector<TensorView> views_;
};

/// Weights around zero and what became of them: some the same, some moved by few steps or far, some NaN or infinite, some
/// a zero of the other sign.
std::vector<Matrix> moved_matrices(const std::vector<DType>& dtypes, Shape shape, unsigned seed);

/// The pixels that change_tile must return, weight by weight.
std::vector<std::uint8_t> expected_pixels(const std::vector<Matrix>& matrices, const ChangeTileRequest& request);

/// Runs change_tile, which must succeed.
ChangeTile tile_of(const ChangeTileRequest& request, int threads);

inline constexpr ChangeReduction kReductions[] = {ChangeReduction::kSteps, ChangeReduction::kDensity,
                                                  ChangeReduction::kDirection, ChangeReduction::kConsensus};

}  // namespace polarimeter::testing
