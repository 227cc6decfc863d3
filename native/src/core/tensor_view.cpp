#include "polarimeter/tensor_view.h"

namespace polarimeter {

std::int64_t element_size(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return 8;
    case DType::kF32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
      return 2;
  }
  return 0;
}

Status TensorView::validate() const {
  const auto invalid = [](std::string what) {
    return Status::Error(Code::kInvalidArgument, "A tensor view " + std::move(what) + ".");
  };
  if (!file) return invalid("has no file");
  const std::int64_t size = element_size(dtype);
  if (size == 0) return invalid("of " + file->path() + " has an unknown dtype");
  const std::string shape = std::to_string(rows) + " x " + std::to_string(cols);
  if (rows < 0 || cols < 0) return invalid("of " + file->path() + " has the negative shape " + shape);
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::uint64_t end = 0;
  if (__builtin_mul_overflow(rows, cols, &count) || __builtin_mul_overflow(count, size, &bytes) ||
      __builtin_add_overflow(offset, static_cast<std::uint64_t>(bytes), &end)) {
    return invalid("of " + file->path() + " has the shape " + shape + ", more bytes than 64 bits can count");
  }
  if (end > file->size()) {
    return Status::Error(Code::kFileTooShort, file->path() + " has " + std::to_string(file->size()) +
                                                  " bytes, a tensor of shape " + shape + " needs them up to " +
                                                  std::to_string(end) + ".");
  }
  return Status::Ok();
}

}  // namespace polarimeter
