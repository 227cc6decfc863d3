#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "cpu/element_block.h"
#include "polarimeter/ops.h"
#include "scratch_file.h"

using namespace polarimeter;
using polarimeter::testing::ScratchFile;

namespace {

std::uint64_t words_sum(const std::vector<unsigned char>& bytes, std::size_t offset, std::size_t length) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < length; ++i) {
    sum += static_cast<std::uint64_t>(bytes[offset + i]) << (8 * (i % 8));
  }
  return sum;
}

}  // namespace

TEST_CASE("byte_sum adds every word of every view once") {
  std::mt19937_64 random(3);
  std::vector<unsigned char> bytes(2'500'001);
  for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
  const ScratchFile scratch(bytes.data(), bytes.size());
  for (const Access access : {Access::kMap, Access::kRead}) {
    const auto file = scratch.open(access);
    const std::vector<TensorView> views = {{file, 1, DType::kBF16, 1000, 1249},
                                           {file, 7, DType::kF32, 3, 5},
                                           {file, 0, DType::kF64, 0, 9},
                                           {file, 2, DType::kF16, 1, 1}};
    const std::uint64_t expected = words_sum(bytes, 1, 2'498'000) + words_sum(bytes, 7, 60) + words_sum(bytes, 2, 2);
    for (const int threads : {1, 2, 5}) {
      Executor executor(threads);
      Control control;
      ByteSum sum;
      REQUIRE(byte_sum(views, executor, control, &sum).ok());
      CHECK(sum.sum == expected);
      CHECK(sum.bytes == 2'498'062);
      CHECK(control.done == sum.bytes);
      CHECK(sum.seconds > 0);
    }
  }
}

TEST_CASE("every instruction set sums the same words") {
  std::mt19937_64 random(4);
  std::vector<std::uint64_t> words(1000);
  for (auto& word : words) word = random();
  std::vector<std::byte> shifted(8 * words.size() + 1);
  std::memcpy(shifted.data() + 1, words.data(), 8 * words.size());
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (!isa_available(isa)) continue;
    for (const std::int64_t count : {0, 1, 7, 8, 31, 33, 1000}) {
      std::uint64_t expected = 0;
      for (std::int64_t i = 0; i < count; ++i) expected += words[static_cast<std::size_t>(i)];
      CHECK(element_kernels(isa).sum_words(shifted.data() + 1, count) == expected);
    }
  }
}

TEST_CASE("byte_sum failures") {
  const std::vector<unsigned char> bytes(1 << 20U, 1);
  const ScratchFile scratch(bytes.data(), bytes.size());
  Executor executor(2);
  Control control;
  ByteSum sum;
  TensorView view{scratch.open(Access::kMap), 0, DType::kF32, 512, 512};
  CHECK(byte_sum({}, executor, control, &sum).code == Code::kInvalidArgument);
  SUBCASE("invalid argument") {
    view.cols = -1;
    CHECK(byte_sum({view}, executor, control, &sum).code == Code::kInvalidArgument);
  }
  SUBCASE("file too short") {
    view.rows = 513;
    CHECK(byte_sum({view}, executor, control, &sum).code == Code::kFileTooShort);
  }
  SUBCASE("file changed") {
    REQUIRE(scratch.resize(5000));
    CHECK(byte_sum({view}, executor, control, &sum).code == Code::kFileChanged);
  }
  SUBCASE("cancelled") {
    control.cancelled = true;
    CHECK(byte_sum({view}, executor, control, &sum).code == Code::kCancelled);
  }
  CHECK(sum.bytes == 0);
}
