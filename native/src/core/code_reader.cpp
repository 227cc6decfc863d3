#include "core/code_reader.h"

#include <algorithm>
#include <cstring>

namespace polarimeter {

CodeReader::CodeReader(const ElementKernels& kernels, std::size_t views)
    : kernels_(kernels), values_(static_cast<std::size_t>(kTileElements)), codes_(views) {}

Status CodeReader::read(std::size_t index, const TensorView& view, const Region& region, CodeRows* out) {
  const std::int64_t first = region.row * view.cols + region.col;
  if (view.dtype == DType::kBF16 && !view.needs_scratch()) {
    out->stride = view.cols;
    return view.read(first, (region.rows - 1) * view.cols + region.cols, nullptr, &out->first);
  }
  AlignedVector<std::uint16_t>& codes = codes_[index];
  // Rounding writes whole quanta.
  codes.resize(std::max(codes.size(), static_cast<std::size_t>(region.rows * region.cols + kTileQuantum)));
  *out = {reinterpret_cast<const std::byte*>(codes.data()), region.cols};
  if (region.cols == view.cols) return read_run(view, first, region.rows * region.cols, codes.data());
  for (std::int64_t i = 0; i < region.rows; ++i) {
    Status status = read_run(view, first + i * view.cols, region.cols, codes.data() + i * region.cols);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status CodeReader::read_run(const TensorView& view, std::int64_t first, std::int64_t count, std::uint16_t* codes) {
  const std::byte* bytes = nullptr;
  const std::int64_t size = element_size(view.dtype);
  if (view.dtype == DType::kBF16) {
    auto* const into = reinterpret_cast<std::byte*>(codes);
    Status status = view.read(first, count, into, &bytes);
    if (status.ok() && bytes != into) std::memcpy(into, bytes, static_cast<std::size_t>(count * size));
    return status;
  }
  if (view.needs_scratch()) bytes_.resize(std::max(bytes_.size(), static_cast<std::size_t>(count * size)));
  if (Status status = view.read(first, count, bytes_.data(), &bytes); !status.ok()) return status;
  for (std::int64_t i = 0; i < count; i += kTileElements) {
    kernels_.widen(view.dtype, bytes + i * size, std::min(kTileElements, count - i), {values_.data(), codes + i});
  }
  return Status::Ok();
}

}  // namespace polarimeter
