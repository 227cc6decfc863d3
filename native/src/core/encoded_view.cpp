#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "core/combined.h"
#include "core/q_blocks.h"
#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

/// Bytes read at a time from a file that is not mapped.
constexpr std::int64_t kPieceBytes = std::int64_t{1} << 16;

/// A stored tensor in another encoding than a plain dtype's.
class Encoded : public Derivation {
 public:
  Encoded(ByteRange bytes, std::int64_t elements) : bytes_(std::move(bytes)), elements_(elements) {}

  std::int64_t elements() const override { return elements_; }
  Status check_unchanged() const override { return bytes_.file->check_unchanged(); }
  const ByteRange* stored() const override { return &bytes_; }
  std::uint64_t held_bytes() const override { return 0; }
  int depth() const override { return 0; }
  std::string describe() const override {
    return bytes_.file->path() + " (offset " + std::to_string(bytes_.offset) + ")";
  }

 protected:
  /// Bytes [first, first + length) of the tensor, through `scratch` where the file is not mapped.
  Status bytes(std::int64_t first, std::int64_t length, std::vector<std::byte>* scratch, const std::byte** out) const {
    if (bytes_.file->access() == Access::kRead) {
      scratch->resize(std::max(scratch->size(), static_cast<std::size_t>(length)));
    }
    return bytes_.file->bytes(bytes_.offset + static_cast<std::uint64_t>(first), static_cast<std::size_t>(length),
                              scratch->data(), out);
  }

 private:
  ByteRange bytes_;
  std::int64_t elements_;
};

/// Layout of an 8-bit float below its sign.
struct EightBits {
  int mantissa_bits;
  int bias;
  bool infinities;  ///< the largest exponent is infinity and NaN; else the largest code alone is NaN
};

constexpr EightBits kE4M3 = {3, 7, false};
constexpr EightBits kE5M2 = {2, 15, true};

std::uint16_t bf16_of_eight_bits(int code, const EightBits& layout) {
  const auto sign = static_cast<std::uint16_t>((code & 0x80) << 8);
  const int exponent = (code & 0x7f) >> layout.mantissa_bits;
  const int mantissa = code & ((1 << layout.mantissa_bits) - 1);
  const bool largest_exponent = exponent == 0x7f >> layout.mantissa_bits;
  if (layout.infinities && largest_exponent)
    return static_cast<std::uint16_t>(sign | (mantissa == 0 ? 0x7f80 : 0x7fc0));
  if (!layout.infinities && (code & 0x7f) == 0x7f) return static_cast<std::uint16_t>(sign | 0x7fc0);
  const int hidden = exponent == 0 ? 0 : 1 << layout.mantissa_bits;
  const float size =
      std::ldexp(static_cast<float>(mantissa + hidden), std::max(exponent, 1) - layout.bias - layout.mantissa_bits);
  return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(size) >> 16U));
}

using EightBitTable = std::array<std::uint16_t, 256>;

EightBitTable table_of(const EightBits& layout) {
  EightBitTable table{};
  for (int code = 0; code < 256; ++code) table[static_cast<std::size_t>(code)] = bf16_of_eight_bits(code, layout);
  return table;
}

const EightBitTable& table_of(Encoding encoding) {
  static const EightBitTable e4m3 = table_of(kE4M3);
  static const EightBitTable e5m2 = table_of(kE5M2);
  return encoding == Encoding::kF8E4M3 ? e4m3 : e5m2;
}

/// 8-bit floats, presented as bfloat16: every one of them is one.
class EightBitFloats : public Encoded {
 public:
  EightBitFloats(ByteRange bytes, std::int64_t elements, Encoding encoding)
      : Encoded(std::move(bytes), elements), table_(table_of(encoding)) {}

  DType dtype() const override { return DType::kBF16; }
  bool random_access() const override { return true; }

  Status decode(std::int64_t first, std::int64_t count, std::byte* out) const override {
    std::vector<std::byte> scratch;
    auto* const codes = reinterpret_cast<std::uint16_t*>(out);
    for (std::int64_t done = 0; done < count; done += kPieceBytes) {
      const std::int64_t length = std::min(kPieceBytes, count - done);
      const std::byte* from = nullptr;
      if (Status status = bytes(first + done, length, &scratch, &from); !status.ok()) return status;
      for (std::int64_t i = 0; i < length; ++i) codes[done + i] = table_[std::to_integer<std::size_t>(from[i])];
    }
    return Status::Ok();
  }

 private:
  const EightBitTable& table_;
};

/// Blocks of small integers with common scales, presented as float64.
class QBlocks : public Encoded {
 public:
  QBlocks(ByteRange bytes, std::int64_t elements, const QBlock& block)
      : Encoded(std::move(bytes), elements), block_(block) {}

  DType dtype() const override { return DType::kF64; }
  bool random_access() const override { return false; }

  Status decode(std::int64_t first, std::int64_t count, std::byte* out) const override {
    std::vector<std::byte> scratch;
    auto* const values = reinterpret_cast<double*>(out);
    const std::int64_t piece = kPieceBytes / block_.bytes * block_.elements;
    for (std::int64_t done = 0; done < count;) {
      // Pieces end where blocks do.
      const std::int64_t begin = first + done;
      const std::int64_t end = std::min(first + count, begin / block_.elements * block_.elements + piece);
      if (Status status = decode_piece(begin, end, values + done, &scratch); !status.ok()) return status;
      done = end - first;
    }
    return Status::Ok();
  }

 private:
  Status decode_piece(std::int64_t begin, std::int64_t end, double* out, std::vector<std::byte>* scratch) const {
    const std::int64_t first_block = begin / block_.elements;
    const std::int64_t last_block = (end - 1) / block_.elements;
    const std::byte* from = nullptr;
    Status status = bytes(first_block * block_.bytes, (last_block - first_block + 1) * block_.bytes, scratch, &from);
    if (!status.ok()) return status;
    for (std::int64_t block = first_block; block <= last_block; ++block, from += block_.bytes) {
      const std::int64_t low = std::max(begin, block * block_.elements);
      const std::int64_t high = std::min(end, (block + 1) * block_.elements);
      if (high - low == block_.elements) {
        block_.decode(from, out + (low - begin));
        continue;
      }
      std::array<double, kMaxQElements> whole;
      block_.decode(from, whole.data());
      std::copy_n(whole.data() + low % block_.elements, high - low, out + (low - begin));
    }
    return Status::Ok();
  }

  const QBlock& block_;
};

}  // namespace

Status encoded_view(const EncodedTensor& tensor, TensorView* out) {
  const auto& [file, offset, encoding, rows, cols] = tensor;
  if (!file) return refused("has no file");
  const std::string shape = std::to_string(rows) + " x " + std::to_string(cols);
  const QBlock* const block = q_block(encoding);
  const std::int64_t block_elements = block == nullptr ? 1 : block->elements;
  const std::int64_t block_bytes = block == nullptr ? 1 : block->bytes;
  if (rows < 0 || cols < 0) return refused("of " + file->path() + " has the negative shape " + shape);
  if (cols % block_elements != 0) {
    return refused("of " + file->path() + " has " + std::to_string(cols) + " columns, which are no blocks of " +
                   std::to_string(block_elements));
  }
  std::int64_t elements = 0;
  std::int64_t bytes = 0;
  std::uint64_t end = 0;
  // Eight bytes an element are what operations may be handed.
  std::int64_t decoded = 0;
  if (__builtin_mul_overflow(rows, cols, &elements) || __builtin_mul_overflow(elements, 8, &decoded) ||
      __builtin_mul_overflow(elements / block_elements, block_bytes, &bytes) ||
      __builtin_add_overflow(offset, static_cast<std::uint64_t>(bytes), &end)) {
    return refused("of " + file->path() + " has the shape " + shape + ", more bytes than 64 bits can count");
  }
  if (end > file->size()) {
    return Status::Error(Code::kFileTooShort, file->path() + " has " + std::to_string(file->size()) +
                                                  " bytes, a tensor of shape " + shape + " needs them up to " +
                                                  std::to_string(end) + ".");
  }
  ByteRange range{file, offset, static_cast<std::uint64_t>(bytes)};
  std::shared_ptr<const Derivation> derivation;
  if (block != nullptr) {
    derivation = std::make_shared<const QBlocks>(std::move(range), elements, *block);
  } else {
    derivation = std::make_shared<const EightBitFloats>(std::move(range), elements, encoding);
  }
  *out = view_of(std::move(derivation), rows, cols);
  return Status::Ok();
}

}  // namespace polarimeter
