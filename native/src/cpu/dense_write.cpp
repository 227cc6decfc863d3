#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/output_file.h"
#include "core/widen.h"
#include "cpu/dense_steps.h"
#include "cpu/guarded.h"
#include "cpu/narrow.h"
#include "cpu/workspace.h"
#include "polarimeter/dense.h"

namespace polarimeter {
namespace {

std::int64_t size_of(StoredType type) {
  switch (type) {
    case StoredType::kF64:
      return 8;
    case StoredType::kF32:
      return 4;
    case StoredType::kF16:
    case StoredType::kBF16:
      return 2;
    case StoredType::kF8E4M3:
    case StoredType::kF8E5M2:
      return 1;
  }
  return 0;
}

/// What rounding did to the elements so far.
struct Rounding {
  double squares = 0;
  std::uint64_t overflowed = 0;
  std::uint64_t not_finite = 0;

  void count(double before, double after) {
    if (!std::isfinite(before)) {
      ++not_finite;
    } else if (!std::isfinite(after)) {
      ++overflowed;
    } else {
      squares += (after - before) * (after - before);
    }
  }
};

template <SmallFloat kFormat, typename Stored>
void narrow_small(const double* from, std::int64_t count, std::byte* out, Rounding* rounding) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t code = narrowed<kFormat>(from[i]);
    const auto stored = static_cast<Stored>(code);
    std::memcpy(out + i * static_cast<std::int64_t>(sizeof stored), &stored, sizeof stored);
    rounding->count(from[i], widened<kFormat>(code));
  }
}

template <typename Stored>
void narrow_plain(const double* from, std::int64_t count, std::byte* out, Rounding* rounding) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto stored = static_cast<Stored>(from[i]);
    std::memcpy(out + i * static_cast<std::int64_t>(sizeof stored), &stored, sizeof stored);
    rounding->count(from[i], static_cast<double>(stored));
  }
}

void narrow(StoredType type, const double* from, std::int64_t count, std::byte* out, Rounding* rounding) {
  switch (type) {
    case StoredType::kF64:
      return narrow_plain<double>(from, count, out, rounding);
    case StoredType::kF32:
      return narrow_plain<float>(from, count, out, rounding);
    case StoredType::kF16:
      return narrow_small<kFloat16, std::uint16_t>(from, count, out, rounding);
    case StoredType::kBF16:
      return narrow_small<kBFloat16, std::uint16_t>(from, count, out, rounding);
    case StoredType::kF8E4M3:
      return narrow_small<kFloat8E4M3, std::uint8_t>(from, count, out, rounding);
    case StoredType::kF8E5M2:
      return narrow_small<kFloat8E5M2, std::uint8_t>(from, count, out, rounding);
  }
}

/// Whether the elements of a view, as read, are those of the destination bit by bit.
bool same_type(DType dtype, StoredType type) {
  return (dtype == DType::kF64 && type == StoredType::kF64) || (dtype == DType::kF32 && type == StoredType::kF32) ||
         (dtype == DType::kF16 && type == StoredType::kF16) || (dtype == DType::kBF16 && type == StoredType::kBF16);
}

/// Writes elements one piece after the other.
class Writer {
 public:
  explicit Writer(const Destination& to) : to_(to) {}

  Status open() {
    bytes_ = Workspace::allocate(kDensePiece);
    if (!bytes_) return Status::Error(Code::kOutOfMemory, "Out of memory for writing a matrix.");
    return file_.open(to_.path);
  }

  Status put(std::int64_t first, const double* values, std::int64_t count) {
    auto* const bytes = reinterpret_cast<std::byte*>(bytes_.data());
    narrow(to_.type, values, count, bytes, &rounding_);
    return put_bytes(first, bytes, count);
  }

  /// Elements that are stored as they lie; `values` says what they mean.
  Status put_bytes(std::int64_t first, const std::byte* bytes, std::int64_t count) {
    const std::int64_t size = size_of(to_.type);
    written_ += static_cast<std::uint64_t>(count * size);
    return file_.write(to_.offset + static_cast<std::uint64_t>(first * size), bytes,
                       static_cast<std::size_t>(count * size));
  }

  void count_not_finite(const double* values, std::int64_t count) {
    rounding_.not_finite +=
        static_cast<std::uint64_t>(std::count_if(values, values + count, [](double x) { return !std::isfinite(x); }));
  }

  Status close(Written* written) {
    *written = {written_, std::sqrt(rounding_.squares), rounding_.overflowed, rounding_.not_finite};
    return file_.close();
  }

 private:
  const Destination& to_;
  OutputFile file_;
  Workspace bytes_;
  Rounding rounding_;
  std::uint64_t written_ = 0;
};

/// Converts piece by piece.
class Conversion {
 public:
  Conversion(const TensorView& w, std::optional<StoredType> stored_as, const Destination& to)
      : w_(w), writer_(to), same_(same_type(w.dtype, to.type)), stored_(!same_ && stored_as == to.type) {}

  Status run(Control& control, Written* written) {
    scratch_ = Workspace::allocate(kDensePiece);
    values_ = Workspace::allocate(kDensePiece);
    if (!scratch_ || !values_) return Status::Error(Code::kOutOfMemory, "Out of memory for converting a tensor.");
    if (Status status = stored_ ? w_.stored_bytes(&range_) : Status::Ok(); !status.ok()) return status;
    if (stored_ && range_.length != static_cast<std::uint64_t>(w_.elements())) {
      return Status::Error(Code::kInvalidArgument, "dense_convert: the tensor is not stored in 8-bit floats.");
    }
    if (Status status = writer_.open(); !status.ok()) return status;
    Status status =
        in_pieces(w_.elements(), control, [&](std::int64_t first, std::int64_t count) { return piece(first, count); });
    return status.ok() ? writer_.close(written) : status;
  }

 private:
  Status piece(std::int64_t first, std::int64_t count) {
    const std::byte* from = nullptr;
    auto* const scratch = reinterpret_cast<std::byte*>(scratch_.data());
    if (Status status = w_.read(first, count, scratch, &from); !status.ok()) return status;
    widen(w_.dtype, from, count, values_.data());
    if (!stored_ && !same_) return writer_.put(first, values_.data(), count);
    writer_.count_not_finite(values_.data(), count);
    if (stored_) {
      Status status = range_.file->bytes(range_.offset + static_cast<std::uint64_t>(first),
                                         static_cast<std::size_t>(count), scratch, &from);
      if (!status.ok()) return status;
    }
    return writer_.put_bytes(first, from, count);
  }

  const TensorView& w_;
  Writer writer_;
  bool same_;    ///< the elements as they are read
  bool stored_;  ///< the codes behind them
  ByteRange range_;
  Workspace scratch_, values_;
};

}  // namespace

Status dense_write(const DenseMatrix& a, const Destination& to, Control& control, Written* written) {
  return guarded("dense_write", [&] {
    *written = {};
    Writer writer(to);
    if (Status status = writer.open(); !status.ok()) return status;
    Status status = in_pieces(a.elements(), control, [&](std::int64_t first, std::int64_t count) {
      return writer.put(first, a.data() + first, count);
    });
    return status.ok() ? writer.close(written) : status;
  });
}

Status dense_convert(const TensorView& w, std::optional<StoredType> stored_as, const Destination& to, Control& control,
                     Written* written) {
  return guarded("dense_convert", [&] {
    *written = {};
    if (!w.present()) return Status::Error(Code::kInvalidArgument, "dense_convert: there is no tensor.");
    if (Status status = w.validate(); !status.ok()) return status;
    Status status = Conversion(w, stored_as, to).run(control, written);
    if (status.code == Code::kCancelled) return status;
    Status changed = w.check_unchanged();
    return changed.ok() ? status : changed;
  });
}

}  // namespace polarimeter
