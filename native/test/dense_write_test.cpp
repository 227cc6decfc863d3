#include <sys/resource.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <csignal>
#include <cstring>
#include <limits>

#include "core/output_file.h"
#include "cpu/narrow.h"
#include "dense_reference.h"
#include "matrix_file.h"
#include "polarimeter/derivation.h"

namespace polarimeter {
namespace {

using testing::dense_of;
using testing::gaussian;
using testing::Matrix;
using testing::MatrixFile;
using testing::ScratchFile;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// What a code means, by the definition of the format.
double meaning(const SmallFloat& format, std::uint32_t magnitude) {
  const auto bits = static_cast<unsigned>(format.fraction_bits);
  const int exponent = static_cast<int>(magnitude >> bits);
  const auto fraction = static_cast<double>(magnitude & ((1U << bits) - 1U));
  const double significand = std::ldexp(fraction, -format.fraction_bits) + (exponent == 0 ? 0 : 1);
  return std::ldexp(significand, std::max(exponent, 1) - format.bias());
}

template <SmallFloat kFormat>
void check_format() {
  std::int64_t wrong = 0;
  const auto expect = [&](double value, std::uint32_t code) {
    wrong += narrowed<kFormat>(value) == code ? 0 : 1;
    wrong += narrowed<kFormat>(-value) == (code | kFormat.sign()) ? 0 : 1;
  };
  for (std::uint32_t code = 0; code < kFormat.beyond(); ++code) {
    const double value = meaning(kFormat, code), above = meaning(kFormat, code + 1);
    wrong += widened<kFormat>(code) == value && widened<kFormat>(code | kFormat.sign()) == -value ? 0 : 1;
    const double middle = (value + above) / 2;
    expect(value, code);
    expect(std::nextafter(middle, value), code);
    expect(middle, code % 2 == 0 ? code : code + 1);
    expect(std::nextafter(middle, kInfinity), code + 1);
  }
  expect(kInfinity, kFormat.beyond());
  expect(1e300, kFormat.beyond());
  expect(0x1p-1074, 0);
  CHECK(wrong == 0);
  CHECK(std::isnan(widened<kFormat>(narrowed<kFormat>(std::nan("")))));
  CHECK(std::isinf(widened<kFormat>(kFormat.beyond())) != kFormat.finite_only);
  CHECK(std::signbit(widened<kFormat>(narrowed<kFormat>(-0.0))));
}

TEST_CASE("rounding is to nearest, ties to even, at every number of every format") {
  check_format<kBFloat16>();
  check_format<kFloat16>();
  check_format<kFloat8E5M2>();
  check_format<kFloat8E4M3>();
  CHECK(meaning(kFloat8E4M3, kFloat8E4M3.beyond() - 1) == 448);
  CHECK(meaning(kFloat16, kFloat16.beyond() - 1) == 65504);
}

std::vector<std::byte> content(const ScratchFile& file) {
  const auto opened = file.open(Access::kRead);
  std::vector<std::byte> bytes(opened->size());
  const std::byte* from = nullptr;
  REQUIRE(opened->bytes(0, bytes.size(), bytes.data(), &from).ok());
  return bytes;
}

template <typename Stored>
Stored stored_at(const std::vector<std::byte>& bytes, std::size_t offset) {
  Stored value;
  REQUIRE(offset + sizeof value <= bytes.size());
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

TEST_CASE("a matrix lies where it should, its neighbours stay, and what rounding did is told") {
  Matrix a(1, 7);
  a.values = {1, 1.0 / 3, -70000, 1e39, std::nan(""), -kInfinity, 1 + 0x1p-30};
  const std::vector<std::byte> filled(64, std::byte{0xAB});
  const ScratchFile file(filled.data(), filled.size());
  Control control;
  Written written;
  REQUIRE(dense_write(*dense_of(a), {file.path(), 5, StoredType::kF16}, control, &written).ok());
  const auto bytes = content(file);
  CHECK(bytes.size() == 64);
  for (std::size_t i = 0; i < 64; ++i) CHECK((i >= 5 && i < 19) == (bytes[i] != std::byte{0xAB}));
  CHECK(stored_at<std::uint16_t>(bytes, 5) == 0x3C00);
  CHECK(stored_at<std::uint16_t>(bytes, 7) == 0x3555);
  CHECK(stored_at<std::uint16_t>(bytes, 9) == 0xFC00);
  CHECK(written.bytes == 14);
  CHECK(written.overflowed == 2);
  CHECK(written.not_finite == 2);
  const double third = 1.0 / 3 - 0x1.554p-2;
  CHECK(written.rounding == doctest::Approx(std::sqrt(third * third + 0x1p-60)).epsilon(1e-12));
  REQUIRE(dense_write(*dense_of(a), {file.path(), 60, StoredType::kF64}, control, &written).ok());
  CHECK(content(file).size() == 60 + 56);
  CHECK(written.rounding == 0);
  CHECK(written.overflowed == 0);
  CHECK(stored_at<double>(content(file), 60 + 8) == 1.0 / 3);
}

TEST_CASE("matrices of more than one piece are written in order, in every type") {
  // Of float32, so that the reference, which rounds twice, rounds once.
  const Matrix a = testing::stored_as(gaussian(401, 997, 3), DType::kF32);
  for (const auto& [type, dtype] : {std::pair(StoredType::kF64, DType::kF64),
                                    {StoredType::kF32, DType::kF32},
                                    {StoredType::kF16, DType::kF16},
                                    {StoredType::kBF16, DType::kBF16}}) {
    const ScratchFile file;
    Control control;
    Written written;
    REQUIRE(dense_write(*dense_of(a), {file.path(), 3, type}, control, &written).ok());
    DenseMatrix::Shared back;
    REQUIRE(dense_read({file.open(Access::kMap), 3, dtype, 401, 997}, control, &back).ok());
    const Matrix expected = testing::stored_as(a, dtype), got = testing::matrix_of(*back);
    CHECK(got.values == expected.values);
    CHECK(written.rounding == doctest::Approx(testing::norm(testing::difference(expected, a).values)).epsilon(1e-12));
    CHECK(control.done == std::uint64_t{401} * 997);
  }
}

TEST_CASE("a tensor of the destination's type is copied bit by bit") {
  // Codes that no conversion would keep: NaN with payloads.
  std::vector<std::uint16_t> codes(3000);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint16_t>(0x7F70 + i * 7);
  const ScratchFile from(codes.data(), codes.size() * 2), to;
  const TensorView view{from.open(Access::kMap), 2, DType::kBF16, 1, 2999};
  Control control;
  Written written;
  const Status status = dense_convert(view, StoredType::kBF16, {to.path(), 1, StoredType::kBF16}, control, &written);
  INFO(status.message);
  REQUIRE(status.ok());
  const auto bytes = content(to);
  REQUIRE(bytes.size() == 2999 * 2 + 1);
  CHECK(std::memcmp(bytes.data() + 1, codes.data() + 1, 2999 * 2) == 0);
  std::uint64_t expected = 0;
  for (std::size_t i = 1; i < codes.size(); ++i) expected += (codes[i] & 0x7F80) == 0x7F80 ? 1 : 0;
  CHECK(written.not_finite == expected);
  CHECK(expected > 0);
  CHECK(written.overflowed == 0);
  // Every other element of it: derived, yet of the same type.
  TensorView every_other;
  REQUIRE(strided_view({view, 0, {{1}, {0}}, {{1000}, {2}}}, &every_other).ok());
  const ScratchFile strided;
  REQUIRE(dense_convert(every_other, std::nullopt, {strided.path(), 0, StoredType::kBF16}, control, &written).ok());
  for (std::size_t i = 0; i < 1000; ++i) {
    REQUIRE(stored_at<std::uint16_t>(content(strided), 2 * i) == codes[1 + 2 * i]);
  }
}

TEST_CASE("8-bit floats are copied as codes and converted as numbers") {
  std::vector<std::uint8_t> codes(256);
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i);
  const ScratchFile from(codes.data(), codes.size());
  Control control;
  Written written;
  for (const auto& [encoding, type] :
       {std::pair(Encoding::kF8E4M3, StoredType::kF8E4M3), std::pair(Encoding::kF8E5M2, StoredType::kF8E5M2)}) {
    TensorView view;
    REQUIRE(encoded_view({from.open(Access::kMap), 0, encoding, 16, 16}, &view).ok());
    const ScratchFile copy, wide, back;
    REQUIRE(dense_convert(view, type, {copy.path(), 0, type}, control, &written).ok());
    CHECK(std::memcmp(content(copy).data(), codes.data(), 256) == 0);
    REQUIRE(dense_convert(view, type, {wide.path(), 0, StoredType::kF32}, control, &written).ok());
    CHECK(written.rounding == 0);
    CHECK(written.not_finite == (encoding == Encoding::kF8E4M3 ? 2 : 8));
    const TensorView floats{wide.open(Access::kMap), 0, DType::kF32, 16, 16};
    REQUIRE(dense_convert(floats, StoredType::kF32, {back.path(), 0, type}, control, &written).ok());
    const auto again = content(back);
    for (std::size_t i = 0; i < 256; ++i) {
      const auto value = stored_at<float>(content(wide), 4 * i);
      if (!std::isnan(value)) CHECK(std::to_integer<std::size_t>(again[i]) == i);
    }
  }
  TensorView view{from.open(Access::kMap), 0, DType::kF16, 8, 16};
  CHECK(dense_convert(view, StoredType::kF8E4M3, {from.path(), 0, StoredType::kF8E4M3}, control, &written).code ==
        Code::kInvalidArgument);
}

TEST_CASE("places that cannot be written are told") {
  Control control;
  Written written;
  const auto a = dense_of(gaussian(300, 300, 1));
  CHECK(dense_write(*a, {"/nowhere/file", 0, StoredType::kF32}, control, &written).code == Code::kFileOpen);
  CHECK(dense_write(*a, {"/tmp", 0, StoredType::kF32}, control, &written).code == Code::kFileOpen);
  CHECK(dense_write(*a, {"/dev/null", 0, StoredType::kF32}, control, &written).code == Code::kFileOpen);
  const ScratchFile file;
  CHECK(dense_write(*a, {file.path(), ~std::uint64_t{0} - 8, StoredType::kF32}, control, &written).code ==
        Code::kWriteFailed);
  CHECK(OutputFile::failure("f", ENOSPC).code == Code::kDiskFull);
  CHECK(OutputFile::failure("f", EDQUOT).code == Code::kDiskFull);
  CHECK(OutputFile::failure("f", EIO).code == Code::kWriteFailed);
  control.cancelled = true;
  CHECK(dense_write(*a, {file.path(), 0, StoredType::kF32}, control, &written).code == Code::kCancelled);
  CHECK(content(file).empty());
}

TEST_CASE("a file that the system lets grow no further is told") {
  Control control;
  Written written;
  const auto a = dense_of(gaussian(300, 300, 1));
  const ScratchFile file;
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit lower = before;
  lower.rlim_cur = 1000;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &lower) == 0);
  const Status status = dense_write(*a, {file.path(), 0, StoredType::kF32}, control, &written);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(status.code == Code::kWriteFailed);
  CHECK(status.message.find(file.path()) != std::string::npos);
}

TEST_CASE("a source that was cut while it is converted is told") {
  const Matrix a = gaussian(64, 64, 1);
  const MatrixFile source(a, DType::kF32);
  const ScratchFile to;
  Control control;
  Written written;
  REQUIRE(source.file().resize(10));
  CHECK(dense_convert(source.view(), StoredType::kF32, {to.path(), 0, StoredType::kBF16}, control, &written).code ==
        Code::kFileChanged);
}

}  // namespace
}  // namespace polarimeter
