#include "dense_requests.h"

#include <algorithm>
#include <array>

#include "handles.h"
#include "view_requests.h"

namespace polarimeter::addon {
namespace {

constexpr std::uint32_t kMaxRanges = 64;

constexpr std::array<StoredType, 6> kTypes = {StoredType::kF64,  StoredType::kF32,    StoredType::kF16,
                                              StoredType::kBF16, StoredType::kF8E4M3, StoredType::kF8E5M2};

StoredType stored_type(const Argument& dtype) {
  return kTypes[dtype.choice({"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})];
}

double share_from(const Argument& share) {
  const double value = share.magnitude();
  if (value > 1) share.refuse("a number from 0 to 1");
  return value;
}

DenseMask mask_from(const Argument& mask) {
  static constexpr std::array<DenseMaskKind, 4> kKinds = {DenseMaskKind::kLargest, DenseMaskKind::kSmallest,
                                                          DenseMaskKind::kDifferent, DenseMaskKind::kRandom};
  DenseMask result;
  result.kind = kKinds[mask.field("kind").choice({"largest", "smallest", "different", "random"})];
  result.complement = mask.field("complement").flag();
  if (result.kind != DenseMaskKind::kRandom) result.by = dense_from(mask.field("by"));
  if (result.kind == DenseMaskKind::kDifferent) {
    result.with = dense_from(mask.field("with"));
  } else {
    result.share = share_from(mask.field("share"));
  }
  if (result.kind == DenseMaskKind::kRandom) result.seed = mask.field("seed").word();
  return result;
}

}  // namespace

MakeRequest make_from(const Argument& request) {
  static constexpr std::array<MadeOf, 4> kKinds = {MadeOf::kZeros, MadeOf::kNormal, MadeOf::kHaar, MadeOf::kHadamard};
  MakeRequest result;
  result.kind = kKinds[request.field("kind").choice({"zeros", "normal", "haar", "hadamard"})];
  result.rows = request.field("rows").integer(0, kMaxSafeInteger);
  result.cols = request.field("cols").integer(0, kMaxSafeInteger);
  result.seed = request.field("seed").word();
  return result;
}

DenseBlock block_from(const Argument& request, const DenseMatrix& a) {
  DenseBlock block;
  block.row = request.field("row").integer(0, a.rows());
  block.rows = request.field("rows").integer(0, a.rows() - block.row);
  block.col = request.field("col").integer(0, a.cols());
  block.cols = request.field("cols").integer(0, a.cols() - block.col);
  return block;
}

MultiplyRequest multiply_from(const Argument& request) {
  return {dense_from(request.field("a")), dense_from(request.field("b")), request.field("transposed_a").flag(),
          request.field("transposed_b").flag()};
}

std::vector<double> factors_from(const Argument& factors) {
  if (factors.value().IsNumber()) return {factors.number()};
  const Napi::Float64Array given = factors.doubles();
  return {given.Data(), given.Data() + given.ElementLength()};
}

std::vector<TripletRange> ranges_from(const Argument& ranges, std::int64_t d) {
  std::vector<TripletRange> result;
  for (const Argument& range : ranges.items(0, kMaxRanges)) {
    const std::int64_t from = range.field("from").integer(0, d);
    result.push_back({from, range.field("to").integer(from, d)});
  }
  return result;
}

KeepWhereRequest keep_where_from(const Argument& request) {
  return {dense_from(request.field("a")), dense_from(request.field("b")), mask_from(request.field("mask"))};
}

Destination destination_from(const Argument& destination) {
  return {destination.field("path").text(),
          static_cast<std::uint64_t>(destination.field("offset").integer(0, kMaxSafeInteger)),
          stored_type(destination.field("dtype"))};
}

ConvertRequest convert_from(const Argument& request) {
  ConvertRequest result{tensor_view_from(request.field("w")), std::nullopt, destination_from(request.field("to"))};
  if (const Argument stored = request.field("stored_as"); !stored.absent()) result.stored_as = stored_type(stored);
  return result;
}

}  // namespace polarimeter::addon
