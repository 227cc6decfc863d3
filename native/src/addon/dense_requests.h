#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "arguments.h"
#include "polarimeter/dense.h"

// Requests of operations on matrices copied into plain structs, on the JavaScript thread; see requests.h.

namespace polarimeter::addon {

enum class MadeOf { kZeros, kNormal, kHaar, kHadamard };

struct MakeRequest {
  MadeOf kind = MadeOf::kZeros;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::uint64_t seed = 0;
};

struct MultiplyRequest {
  DenseMatrix::Shared a, b;
  bool transposed_a = false;
  bool transposed_b = false;
};

struct KeepWhereRequest {
  DenseMatrix::Shared a, b;
  DenseMask mask;
};

struct ConvertRequest {
  TensorView w;
  std::optional<StoredType> stored_as;
  Destination to;
};

MakeRequest make_from(const Argument& request);
DenseBlock block_from(const Argument& request, const DenseMatrix& a);
MultiplyRequest multiply_from(const Argument& request);
std::vector<double> factors_from(const Argument& factors);
std::vector<TripletRange> ranges_from(const Argument& ranges, std::int64_t d);
KeepWhereRequest keep_where_from(const Argument& request);
Destination destination_from(const Argument& destination);
ConvertRequest convert_from(const Argument& request);

}  // namespace polarimeter::addon
