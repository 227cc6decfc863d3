#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "core/element_geometry.h"
#include "core/index_permutation.h"
#include "core/largest_keys.h"
#include "cpu/advance.h"
#include "cpu/blas.h"
#include "cpu/element_codes.h"
#include "cpu/guarded.h"
#include "cpu/multiply.h"
#include "cpu/row_reader.h"
#include "cpu/svd_result.h"
#include "cpu/workspace.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

// One element once through a pass, beside the operations of the product.
constexpr double kPassWork = 64;
constexpr int kPasses = 4;
constexpr std::size_t kBatch = 256;
constexpr std::uint32_t kLargestKey = 0x7FFFFFFF;

/// Bits of a float32 magnitude: in the order of the magnitudes.
std::uint32_t key_of(float x) { return std::bit_cast<std::uint32_t>(x) & kLargestKey; }

/// The smallest magnitude has the largest key.
std::uint32_t low_key_of(double w) { return kLargestKey - key_of(static_cast<float>(w)); }

bool is_finite_code(std::uint16_t code) { return (code & 0x7F80U) != 0x7F80U; }

bool differ(std::uint16_t a, std::uint16_t b) { return ordered(a) != ordered(b); }

std::uint64_t selected(const MaskOverlapRequest& request) {
  return static_cast<std::uint64_t>(std::llround(request.share * static_cast<double>(request.reference.elements())));
}

std::int64_t most_rows(const ElementGeometry& geometry) { return geometry.blocks() == 0 ? 0 : geometry.block(0).rows; }

/// Two bits for every entry, in a quarter of a byte.
class Marks {
 public:
  static constexpr unsigned kPrincipal = 1;
  static constexpr unsigned kLow = 2;
  static constexpr std::size_t kKinds = 4;

  explicit Marks(std::size_t entries) : bytes_((entries + 3) / 4) {}
  void set(std::size_t entry, unsigned mark) {
    bytes_[entry / 4] = static_cast<std::uint8_t>(bytes_[entry / 4] | mark << (2 * (entry % 4)));
  }
  unsigned operator[](std::size_t entry) const { return bytes_[entry / 4] >> (2 * (entry % 4)) & 3U; }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// The scores of the rank-k part and later the updates share one array: an entry's score is done with when its update
/// takes its place.
class MaskPass {
 public:
  MaskPass(const Blas& blas, const MaskOverlapRequest& request, const Svd& svd, Control& control)
      : blas_(blas),
        request_(request),
        svd_(svd),
        control_(control),
        reference_(request.reference, {}, control),
        variant_(request.variant, {}, control),
        geometry_(request.reference.rows, request.reference.cols),
        principal_(selected(request)),
        low_(selected(request)),
        marks_(static_cast<std::size_t>(request.reference.elements())),
        moved_(static_cast<std::uint64_t>(request.reference.elements()), request.seed) {}

  Status run(MaskOverlap* overlap) {
    Status status = unless_changed(reference_, unless_changed(variant_, compute()));
    if (status.ok()) collect(overlap);
    return status;
  }

 private:
  using Visit = Status (MaskPass::*)(const ElementBlock&);

  Status compute() {
    const double n = static_cast<double>(request_.reference.elements());
    control_.done = 0;
    control_.total = static_cast<std::uint64_t>(n * (2 * static_cast<double>(request_.k) + kPasses * kPassWork));
    Status status = allocate();
    if (status.ok()) status = each_block(&MaskPass::score);
    principal_.settle_high();
    low_.settle_high();
    if (status.ok()) status = each_block(&MaskPass::refine);
    principal_.settle_low();
    low_.settle_low();
    if (status.ok()) status = each_block(&MaskPass::select);
    if (status.ok()) status = each_block(&MaskPass::compare_null);
    if (status.ok()) control_.done = control_.total.load();
    return status;
  }

  Status allocate() {
    const std::int64_t n = request_.reference.elements();
    const std::int64_t block = std::min(n, ElementGeometry::kBlockElements);
    entries_ = Workspace::allocate((n + 1) / 2);
    w_ = Workspace::allocate(block);
    other_ = Workspace::allocate(block);
    scaled_ = Workspace::allocate(most_rows(geometry_) * request_.k);
    if (!entries_ || !w_ || !other_ || !scaled_) {
      return Status::Error(Code::kOutOfMemory, "Out of memory for the masks of a matrix of " +
                                                   std::to_string(request_.reference.rows) + " x " +
                                                   std::to_string(request_.reference.cols) + ".");
    }
    // float32 entries in memory that nothing else has used.
    floats_ = reinterpret_cast<float*>(entries_.data());
    return Status::Ok();
  }

  Status each_block(Visit visit) {
    for (std::int64_t index = 0; index < geometry_.blocks(); ++index) {
      const ElementBlock block = geometry_.block(index);
      Status status = reference_.read({block.row, block.rows, block.col, block.cols}, w_.data(), nullptr);
      if (status.ok()) status = (this->*visit)(block);
      if (status.ok()) status = advance(control_, kPassWork * static_cast<double>(block.elements()));
      if (!status.ok()) return status;
    }
    return Status::Ok();
  }

  /// First pass: the entries of the rank-k part, and the high halves of all keys.
  Status score(const ElementBlock& block) {
    Status status = multiply_block(block);
    if (!status.ok()) return status;
    float* const scores = floats_ + block.first;
    for (std::int64_t i = 0; i < block.elements(); ++i) {
      scores[i] = static_cast<float>(other_.data()[i]);
      if (!std::isfinite(scores[i])) return not_finite(reference_, block.first + i, "has a principal part that");
      if (!is_finite_code(bf16_of_double(w_.data()[i]))) return not_finite(reference_, block.first + i, "");
      principal_.count_high(key_of(scores[i]));
      low_.count_high(low_key_of(w_.data()[i]));
    }
    return Status::Ok();
  }

  /// other = the block of U diag(s) V^T, row-major: its transpose V (U diag(s))^T, column-major.
  Status multiply_block(const ElementBlock& block) {
    const Basis& u = svd_.left_top;
    const Basis& v = svd_.right_top;
    for (std::int64_t i = 0; i < request_.k; ++i) {
      const double* const column = u.values.data() + i * u.dim + block.row;
      const double s = svd_.sigma[static_cast<std::size_t>(i)];
      for (std::int64_t row = 0; row < block.rows; ++row) scaled_.data()[i * block.rows + row] = s * column[row];
    }
    Product product{.trans_b = 'T',
                    .m = static_cast<int>(block.cols),
                    .n = static_cast<int>(block.rows),
                    .k = static_cast<int>(request_.k),
                    .a = v.values.data() + block.col,
                    .lda = static_cast<int>(v.dim),
                    .b = scaled_.data(),
                    .ldb = static_cast<int>(block.rows),
                    .beta = 0};
    product.c = other_.data();
    product.ldc = static_cast<int>(block.cols);
    return multiply(blas_, product, control_);
  }

  /// Second pass: the low halves of the keys.
  Status refine(const ElementBlock& block) {
    const float* const scores = floats_ + block.first;
    for (std::int64_t i = 0; i < block.elements(); ++i) {
      principal_.count_low(key_of(scores[i]));
      low_.count_low(low_key_of(w_.data()[i]));
    }
    return Status::Ok();
  }

  /// Third pass: the masks, the update mask, and the updates in place of the scores.
  Status select(const ElementBlock& block) {
    Status status = variant_.read({block.row, block.rows, block.col, block.cols}, other_.data(), nullptr);
    if (!status.ok()) return status;
    float* const entries = floats_ + block.first;
    for (std::int64_t i = 0; i < block.elements(); ++i) {
      const double w = w_.data()[i];
      const double v = other_.data()[i];
      const std::uint16_t code = bf16_of_double(v);
      const std::uint16_t before = bf16_of_double(w);
      const unsigned mark = (principal_.take(key_of(entries[i])) ? Marks::kPrincipal : 0U) |
                            (low_.take(low_key_of(w)) ? Marks::kLow : 0U);
      marks_.set(static_cast<std::size_t>(block.first + i), mark);
      entries[i] = static_cast<float>(v - w);
      if (!is_finite_code(code)) return not_finite(variant_, block.first + i, "");
      if (!std::isfinite(entries[i])) return not_finite(variant_, block.first + i, "has an update that");
      sizes_[mark] += 1;
      changed_[mark] += differ(before, code) ? 1U : 0U;
      exponents_[mark][before >> 7 & 0xFFU] += 1;
    }
    return Status::Ok();
  }

  /// Fourth pass: every entry takes the update of another one.
  Status compare_null(const ElementBlock& block) {
    const auto elements = static_cast<std::size_t>(block.elements());
    // Places are far apart in memory: all of a batch are on their way before the first is needed.
    std::array<std::uint64_t, kBatch> places;
    for (std::size_t begin = 0; begin < elements; begin += kBatch) {
      const std::size_t count = std::min(kBatch, elements - begin);
      const std::size_t first = static_cast<std::size_t>(block.first) + begin;
      for (std::size_t i = 0; i < count; ++i) {
        places[i] = moved_(first + i);
        __builtin_prefetch(floats_ + places[i]);
      }
      for (std::size_t i = 0; i < count; ++i) {
        const double w = w_.data()[begin + i];
        const double moved = w + static_cast<double>(floats_[places[i]]);
        null_changed_[marks_[first + i]] += differ(bf16_of_double(w), bf16_of_double(moved)) ? 1U : 0U;
      }
    }
    return Status::Ok();
  }

  Status not_finite(const RowReader& reader, std::int64_t element, const std::string& what) const {
    const std::int64_t cols = reader.view().cols;
    return Status::Error(Code::kNotFinite,
                         "The element at row " + std::to_string(element / cols) + ", column " +
                             std::to_string(element % cols) + " of " + reader.view().file->path() + " (offset " +
                             std::to_string(reader.view().offset) + ") " +
                             (what.empty() ? "rounds to an infinite bfloat16." : what + " exceeds float32."));
  }

  void collect(MaskOverlap* overlap) const {
    const auto counts = [this](unsigned a, unsigned b) {
      MaskCounts mask{.size = sizes_[a] + sizes_[b],
                      .overlap = changed_[a] + changed_[b],
                      .null_overlap = null_changed_[a] + null_changed_[b]};
      for (std::size_t e = 0; e < mask.exponents.size(); ++e) mask.exponents[e] = exponents_[a][e] + exponents_[b][e];
      return mask;
    };
    const unsigned both = Marks::kPrincipal | Marks::kLow;
    overlap->n = static_cast<std::uint64_t>(request_.reference.elements());
    overlap->principal = counts(Marks::kPrincipal, both);
    overlap->low = counts(Marks::kLow, both);
    overlap->principal_not_low = {.size = sizes_[Marks::kPrincipal],
                                  .overlap = changed_[Marks::kPrincipal],
                                  .null_overlap = null_changed_[Marks::kPrincipal],
                                  .exponents = exponents_[Marks::kPrincipal]};
    for (std::size_t kind = 0; kind < Marks::kKinds; ++kind) {
      overlap->update += changed_[kind];
      overlap->null_update += null_changed_[kind];
      for (std::size_t e = 0; e < overlap->exponents.size(); ++e) overlap->exponents[e] += exponents_[kind][e];
    }
  }

  const Blas& blas_;
  const MaskOverlapRequest& request_;
  const Svd& svd_;
  Control& control_;
  RowReader reference_, variant_;
  ElementGeometry geometry_;
  LargestKeys principal_, low_;
  Marks marks_;
  IndexPermutation moved_;
  Workspace entries_, w_, other_, scaled_;
  float* floats_ = nullptr;
  std::array<std::uint64_t, Marks::kKinds> sizes_{}, changed_{}, null_changed_{};
  std::array<std::array<std::uint64_t, kExponents>, Marks::kKinds> exponents_{};
};

Status check_masks(const MaskOverlapRequest& request, const Svd& svd) {
  const auto refused = [](const std::string& message) { return Status::Error(Code::kInvalidArgument, message); };
  const TensorView& w = request.reference;
  if (request.variant.rows != w.rows || request.variant.cols != w.cols) {
    return refused("The variant's shape is not that of the matrix whose masks are asked for.");
  }
  if (!(request.share >= 0 && request.share <= 1)) return refused("The share of a mask lies between 0 and 1.");
  const Basis& u = svd.left_top;
  const Basis& v = svd.right_top;
  if (u.dim != w.rows || v.dim != w.cols) {
    return refused("A decomposition of a matrix of " + std::to_string(u.dim) + " x " + std::to_string(v.dim) +
                   " does not fit one of " + std::to_string(w.rows) + " x " + std::to_string(w.cols) + ".");
  }
  const std::int64_t most = std::min({u.count, v.count, static_cast<std::int64_t>(svd.sigma.size())});
  if (request.k >= 1 && request.k <= most) return Status::Ok();
  return refused("A decomposition with " + std::to_string(most) + " leading triplets has no part of rank " +
                 std::to_string(request.k) + ".");
}

}  // namespace

std::uint64_t mask_overlap_bytes(const MaskOverlapRequest& request) {
  const double rows = static_cast<double>(request.reference.rows), cols = static_cast<double>(request.reference.cols);
  const double n = rows * cols, most = static_cast<double>(ElementGeometry::kBlockElements);
  const double block = std::min(n, most);
  const double block_rows = std::clamp(most / std::max(1.0, cols), 1.0, std::max(1.0, rows));
  const double elements = 2 * block + block_rows * static_cast<double>(request.k) + 1;
  const double fixed =
      static_cast<double>(RowReader::bytes(request.reference, request.variant) + 2 * LargestKeys::kBytes + (1 << 16));
  return static_cast<std::uint64_t>(std::min(1e19, 4.25 * n + 8 * elements + fixed));
}

Status mask_overlap(const MaskOverlapRequest& request, const Svd& svd, Control& control, MaskOverlap* overlap) {
  return guarded("mask_overlap", [&] {
    *overlap = {};
    const Blas* library = nullptr;
    Status status = blas(&library);
    if (status.ok()) status = request.reference.validate();
    if (status.ok()) status = request.variant.validate();
    if (status.ok()) status = check_masks(request, svd);
    if (status.ok()) status = fits_blas({request.reference.rows, request.reference.cols});
    if (status.ok()) status = MaskPass(*library, request, svd, control).run(overlap);
    return status;
  });
}

}  // namespace polarimeter
