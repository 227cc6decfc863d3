#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "core/widen.h"
#include "cpu/dense_steps.h"
#include "cpu/guarded.h"
#include "cpu/workspace.h"
#include "polarimeter/dense.h"
#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

/// The elements of a matrix in memory.
class InMemory : public Derivation {
 public:
  explicit InMemory(std::shared_ptr<const DenseMatrix> matrix) : matrix_(std::move(matrix)) {}

  DType dtype() const override { return DType::kF64; }
  std::int64_t elements() const override { return matrix_->elements(); }
  Status decode(std::int64_t first, std::int64_t count, std::byte* out) const override {
    if (count > 0) std::memcpy(out, matrix_->data() + first, static_cast<std::size_t>(count) * sizeof(double));
    return Status::Ok();
  }
  Status check_unchanged() const override { return Status::Ok(); }
  std::uint64_t held_bytes() const override { return 0; }
  int depth() const override { return 1; }
  bool random_access() const override { return true; }
  std::string describe() const override { return "a matrix in memory"; }

 private:
  std::shared_ptr<const DenseMatrix> matrix_;
};

}  // namespace

struct DenseMatrix::Memory {
  Workspace values;
};

DenseMatrix::DenseMatrix(std::int64_t rows, std::int64_t cols)
    : rows_(rows), cols_(cols), memory_(std::make_unique<Memory>()) {}
DenseMatrix::~DenseMatrix() = default;

double* DenseMatrix::data() { return memory_->values.data(); }
const double* DenseMatrix::data() const { return memory_->values.data(); }

Status DenseMatrix::make(std::int64_t rows, std::int64_t cols, Shared* out) {
  return guarded("A matrix", [&] {
    std::int64_t elements = 0;
    const std::string shape = std::to_string(rows) + " x " + std::to_string(cols);
    if (rows < 0 || cols < 0 || __builtin_mul_overflow(rows, cols, &elements)) {
      return Status::Error(Code::kInvalidArgument, "There is no matrix of " + shape + ".");
    }
    Shared made(new DenseMatrix(rows, cols));
    made->memory_->values = Workspace::allocate(std::max<std::int64_t>(1, elements));
    if (!made->memory_->values)
      return Status::Error(Code::kOutOfMemory, "Out of memory for a matrix of " + shape + ".");
    *out = std::move(made);
    return Status::Ok();
  });
}

TensorView dense_view(std::shared_ptr<const DenseMatrix> matrix) {
  TensorView view;
  view.dtype = DType::kF64;
  view.rows = matrix->rows();
  view.cols = matrix->cols();
  view.derivation = std::make_shared<const InMemory>(std::move(matrix));
  return view;
}

Status in_pieces(std::int64_t elements, Control& control,
                 const std::function<Status(std::int64_t, std::int64_t)>& body) {
  control.total = static_cast<std::uint64_t>(elements);
  control.done = 0;
  for (std::int64_t first = 0; first < elements; first += kDensePiece) {
    if (control.cancelled) return Status::Error(Code::kCancelled, "Cancelled.");
    const std::int64_t count = std::min(kDensePiece, elements - first);
    if (Status status = body(first, count); !status.ok()) return status;
    control.done = static_cast<std::uint64_t>(first + count);
  }
  return control.cancelled ? Status::Error(Code::kCancelled, "Cancelled.") : Status::Ok();
}

std::string shape_of(const DenseMatrix& a) { return std::to_string(a.rows()) + " x " + std::to_string(a.cols()); }

Status same_shape(const char* operation, const DenseMatrix& a, const DenseMatrix& b) {
  if (a.rows() == b.rows() && a.cols() == b.cols()) return Status::Ok();
  return Status::Error(Code::kInvalidArgument, std::string(operation) + " takes matrices of one shape, not of " +
                                                   shape_of(a) + " and " + shape_of(b) + ".");
}

Status dense_read(const TensorView& w, Control& control, DenseMatrix::Shared* out) {
  return guarded("dense_read", [&] {
    if (!w.present()) return Status::Error(Code::kInvalidArgument, "dense_read: there is no tensor.");
    if (Status status = w.validate(); !status.ok()) return status;
    DenseMatrix::Shared made;
    if (Status status = DenseMatrix::make(w.rows, w.cols, &made); !status.ok()) return status;
    Workspace scratch = Workspace::allocate(w.needs_scratch() ? std::min(kDensePiece, w.elements()) : 1);
    if (!scratch) return Status::Error(Code::kOutOfMemory, "Out of memory for reading a tensor.");
    Status status = in_pieces(w.elements(), control, [&](std::int64_t first, std::int64_t count) {
      const std::byte* from = nullptr;
      Status read = w.read(first, count, reinterpret_cast<std::byte*>(scratch.data()), &from);
      if (read.ok()) widen(w.dtype, from, count, made->data() + first);
      return read;
    });
    if (status.code == Code::kCancelled) return status;
    // A file that was cut short is the reason for whatever went wrong.
    if (Status changed = w.check_unchanged(); !changed.ok()) return changed;
    if (status.ok()) *out = std::move(made);
    return status;
  });
}

Status dense_zeros(std::int64_t rows, std::int64_t cols, Control& control, DenseMatrix::Shared* out) {
  return guarded("dense_zeros", [&] {
    DenseMatrix::Shared made;
    if (Status status = DenseMatrix::make(rows, cols, &made); !status.ok()) return status;
    Status status = in_pieces(made->elements(), control, [&](std::int64_t first, std::int64_t count) {
      std::fill_n(made->data() + first, count, 0.0);
      return Status::Ok();
    });
    if (status.ok()) *out = std::move(made);
    return status;
  });
}

namespace {

bool inside(std::int64_t from, std::int64_t count, std::int64_t size) {
  return from >= 0 && count >= 0 && from <= size && count <= size - from;
}

Status check_block(const DenseMatrix& a, const DenseBlock& block) {
  if (inside(block.row, block.rows, a.rows()) && inside(block.col, block.cols, a.cols())) return Status::Ok();
  return Status::Error(Code::kInvalidArgument, "A matrix of " + shape_of(a) + " has no " + std::to_string(block.rows) +
                                                   " x " + std::to_string(block.cols) + " elements from row " +
                                                   std::to_string(block.row) + ", column " + std::to_string(block.col) +
                                                   ".");
}

/// Elements of a strided matrix.
struct Strided {
  const double* from;
  std::int64_t from_stride;
  double* to;
  std::int64_t to_stride;
};

Status copy_rows(const Strided& run, std::int64_t rows, std::int64_t cols, Control& control) {
  if (rows == 0 || cols == 0) return Status::Ok();
  const std::int64_t step = std::max<std::int64_t>(1, kDensePiece / cols);
  control.total = static_cast<std::uint64_t>(rows * cols);
  control.done = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (row % step == 0 && control.cancelled) return Status::Error(Code::kCancelled, "Cancelled.");
    std::memmove(run.to + row * run.to_stride, run.from + row * run.from_stride,
                 static_cast<std::size_t>(cols) * sizeof(double));
    control.done += static_cast<std::uint64_t>(cols);
  }
  return Status::Ok();
}

}  // namespace

Status dense_block(const DenseMatrix& a, const DenseBlock& block, Control& control, DenseMatrix::Shared* out) {
  return guarded("dense_block", [&] {
    if (Status status = check_block(a, block); !status.ok()) return status;
    DenseMatrix::Shared made;
    if (Status status = DenseMatrix::make(block.rows, block.cols, &made); !status.ok()) return status;
    const Strided run{a.row(block.row) + block.col, a.cols(), made->data(), block.cols};
    Status status = copy_rows(run, block.rows, block.cols, control);
    if (status.ok()) *out = std::move(made);
    return status;
  });
}

Status dense_place(DenseMatrix& a, std::int64_t row, std::int64_t col, const DenseMatrix& part, Control& control) {
  return guarded("dense_place", [&] {
    if (Status status = check_block(a, {row, part.rows(), col, part.cols()}); !status.ok()) return status;
    return copy_rows({part.data(), part.cols(), a.row(row) + col, a.cols()}, part.rows(), part.cols(), control);
  });
}

}  // namespace polarimeter
