#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <string>

#include "core/index_permutation.h"
#include "core/largest_wide_keys.h"
#include "cpu/dense_steps.h"
#include "cpu/element_codes.h"
#include "cpu/guarded.h"
#include "polarimeter/dense.h"

namespace polarimeter {
namespace {

constexpr std::uint64_t kMagnitude = 0x7FFFFFFFFFFFFFFFU;
constexpr std::uint64_t kInfinity = 0x7FF0000000000000U;

std::uint64_t magnitude_bits(double x) { return std::bit_cast<std::uint64_t>(x) & kMagnitude; }

/// Zeros have one code.
std::uint16_t code_of(double x) {
  const std::uint16_t code = bf16_of_double(x);
  return code == 0x8000U ? 0 : code;
}

/// Puts the values of b where nothing selects, and counts what does.
class Keeping {
 public:
  Keeping(DenseMatrix& a, const DenseMatrix& b, const DenseMask& mask, Control& control)
      : a_(a), b_(b), mask_(mask), control_(control) {}

  Status run(std::uint64_t* selected) {
    Status status = Status::Ok();
    switch (mask_.kind) {
      case DenseMaskKind::kLargest:
      case DenseMaskKind::kSmallest:
        status = by_magnitude();
        break;
      case DenseMaskKind::kDifferent:
        status =
            where([this](std::int64_t i) { return code_of(mask_.by->data()[i]) != code_of(mask_.with->data()[i]); });
        break;
      case DenseMaskKind::kRandom:
        status = at_random();
        break;
    }
    *selected = selected_;
    return status;
  }

 private:
  std::uint64_t size_of_mask() const {
    return static_cast<std::uint64_t>(std::llround(mask_.share * static_cast<double>(a_.elements())));
  }

  template <typename Select>
  Status where(Select select) {
    return in_pieces(a_.elements(), control_, [&](std::int64_t first, std::int64_t length) {
      for (std::int64_t i = first; i < first + length; ++i) {
        if (select(i) != mask_.complement) {
          ++selected_;
        } else {
          a_.data()[i] = b_.data()[i];
        }
      }
      return Status::Ok();
    });
  }

  Status by_magnitude() {
    const double* const by = mask_.by->data();
    const std::uint64_t turned = mask_.kind == DenseMaskKind::kSmallest ? kMagnitude : 0;
    LargestWideKeys keys(size_of_mask());
    for (int digit = 0; digit < LargestWideKeys::kDigits; ++digit) {
      Status status = in_pieces(a_.elements(), control_, [&](std::int64_t first, std::int64_t length) {
        for (std::int64_t i = first; i < first + length; ++i) {
          const std::uint64_t bits = magnitude_bits(by[i]);
          if (bits > kInfinity) return not_a_number(i);
          keys.count(bits ^ turned);
        }
        return Status::Ok();
      });
      if (!status.ok()) return status;
      keys.settle();
    }
    return where([&](std::int64_t i) { return keys.take(magnitude_bits(by[i]) ^ turned); });
  }

  Status at_random() {
    const std::uint64_t wanted = size_of_mask();
    const IndexPermutation place(static_cast<std::uint64_t>(a_.elements()), mask_.seed);
    return where([&](std::int64_t i) { return place(static_cast<std::uint64_t>(i)) < wanted; });
  }

  Status not_a_number(std::int64_t i) const {
    return Status::Error(Code::kNotFinite, "The element at row " + std::to_string(i / a_.cols()) + ", column " +
                                               std::to_string(i % a_.cols()) +
                                               " is NaN: it has no place in the order of magnitudes.");
  }

  DenseMatrix& a_;
  const DenseMatrix& b_;
  const DenseMask& mask_;
  Control& control_;
  std::uint64_t selected_ = 0;
};

Status check(const DenseMatrix& a, const DenseMatrix& b, const DenseMask& mask) {
  constexpr const char* kName = "dense_keep_where";
  if (Status status = same_shape(kName, a, b); !status.ok()) return status;
  if (!(mask.share >= 0 && mask.share <= 1)) {
    return Status::Error(Code::kInvalidArgument, "dense_keep_where: a share is from 0 to 1.");
  }
  const bool needs_by = mask.kind != DenseMaskKind::kRandom, needs_with = mask.kind == DenseMaskKind::kDifferent;
  for (const auto& [needed, matrix] : {std::pair(needs_by, mask.by), std::pair(needs_with, mask.with)}) {
    if (!needed) continue;
    if (!matrix) return Status::Error(Code::kInvalidArgument, "dense_keep_where: the mask lacks a matrix.");
    // The mask would change while it is read.
    if (matrix.get() == &a) {
      return Status::Error(Code::kInvalidArgument,
                           "dense_keep_where: the mask follows from the matrix that is changed.");
    }
    if (Status status = same_shape(kName, a, *matrix); !status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace

Status dense_keep_where(DenseMatrix& a, const DenseMatrix& b, const DenseMask& mask, Control& control,
                        std::uint64_t* selected) {
  return guarded("dense_keep_where", [&] {
    *selected = 0;
    if (Status status = check(a, b, mask); !status.ok()) return status;
    return Keeping(a, b, mask, control).run(selected);
  });
}

}  // namespace polarimeter
