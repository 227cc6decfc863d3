#include "polarimeter/tensor_view.h"

#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

Status invalid(const std::string& what) { return Status::Error(Code::kInvalidArgument, "A tensor view " + what + "."); }

std::string shape_of(const TensorView& view) { return std::to_string(view.rows) + " x " + std::to_string(view.cols); }

Status validate_derived(const TensorView& view) {
  std::int64_t count = 0;
  if (view.file) return invalid("is stored in " + view.file->path() + " and derived at once");
  if (view.rows < 0 || view.cols < 0 || __builtin_mul_overflow(view.rows, view.cols, &count) ||
      count != view.derivation->elements()) {
    return invalid("of shape " + shape_of(view) + " does not have the " + std::to_string(view.derivation->elements()) +
                   " elements of " + view.describe());
  }
  if (__builtin_mul_overflow(count, element_size(view.derivation->dtype()), &count)) {
    return invalid("of shape " + shape_of(view) + " has more bytes than 64 bits can count");
  }
  if (view.dtype != view.derivation->dtype()) return invalid("has another dtype than " + view.describe());
  return Status::Ok();
}

}  // namespace

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
  if (derivation) return validate_derived(*this);
  if (!file) return invalid("has no file");
  const std::int64_t size = element_size(dtype);
  if (size == 0) return invalid("of " + file->path() + " has an unknown dtype");
  const std::string shape = shape_of(*this);
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

bool TensorView::needs_scratch() const { return derivation || file->access() == Access::kRead; }

Status TensorView::read(std::int64_t first, std::int64_t count, std::byte* scratch, const std::byte** out) const {
  if (first < 0 || count < 0 || first > elements() - count) {
    return invalid("of " + std::to_string(elements()) + " elements was asked for " + std::to_string(count) + " from " +
                   std::to_string(first));
  }
  if (derivation) {
    *out = scratch;
    return derivation->decode(first, count, scratch);
  }
  const auto size = static_cast<std::uint64_t>(element_size(dtype));
  return file->bytes(offset + static_cast<std::uint64_t>(first) * size, static_cast<std::uint64_t>(count) * size,
                     scratch, out);
}

Status TensorView::check_unchanged() const {
  return derivation ? derivation->check_unchanged() : file->check_unchanged();
}

Status TensorView::stored_bytes(ByteRange* out) const {
  if (!derivation) {
    *out = {file, offset, static_cast<std::uint64_t>(elements() * element_size(dtype))};
    return Status::Ok();
  }
  if (derivation->stored() == nullptr) return invalid("has no bytes of its own: it is " + describe());
  *out = *derivation->stored();
  return Status::Ok();
}

std::uint64_t TensorView::held_bytes() const { return derivation ? derivation->held_bytes() : 0; }

int TensorView::depth() const { return derivation ? derivation->depth() : 0; }

bool TensorView::random_access() const { return !derivation || derivation->random_access(); }

std::string TensorView::describe() const {
  if (derivation) return derivation->describe();
  return file ? file->path() + " (offset " + std::to_string(offset) + ")" : "nothing";
}

}  // namespace polarimeter
