#include <doctest/doctest.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <random>
#include <vector>

#include "polarimeter/ops.h"
#include "scratch_file.h"

using namespace polarimeter;
using polarimeter::testing::ScratchFile;

namespace {

constexpr std::size_t kBlock = std::size_t{4} << 20U;

std::vector<unsigned char> random_bytes(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<unsigned char> bytes(count);
  for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
  return bytes;
}

ContentHash hash_of(const TensorView& view, int threads) {
  Executor executor(threads);
  Control control;
  ContentHash hash;
  REQUIRE(content_hash(view, executor, control, &hash).ok());
  CHECK(control.done == control.total);
  return hash;
}

/// The definition once more, one block after another.
ContentHash definition(const unsigned char* bytes, std::size_t length) {
  std::vector<unsigned char> digests;
  for (std::size_t first = 0; first < length; first += kBlock) {
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(bytes + first, std::min(kBlock, length - first)));
    digests.insert(digests.end(), digest.digest, digest.digest + sizeof digest.digest);
  }
  const XXH128_hash_t hash = XXH3_128bits(digests.data(), digests.size());
  return {hash.low64, hash.high64};
}

}  // namespace

TEST_CASE("the content hash is that of its definition for any threads and access") {
  const std::size_t offset = 3;
  const auto bytes = random_bytes(2 * kBlock + 1234 + offset);
  const ScratchFile scratch(bytes.data(), bytes.size());
  for (const std::size_t length : {std::size_t{0}, std::size_t{2}, kBlock - 2, kBlock, kBlock + 2, 2 * kBlock + 1234}) {
    const ContentHash expected = definition(bytes.data() + offset, length);
    for (const Access access : {Access::kMap, Access::kRead}) {
      for (const int threads : {1, 3}) {
        const TensorView view{scratch.open(access), offset, DType::kBF16, 1, static_cast<std::int64_t>(length / 2)};
        const ContentHash hash = hash_of(view, threads);
        CHECK(hash.low == expected.low);
        CHECK(hash.high == expected.high);
      }
    }
  }
}

TEST_CASE("one bit makes another hash, shape and dtype do not") {
  auto bytes = random_bytes(4096);
  const ScratchFile scratch(bytes.data(), bytes.size());
  bytes[4095] ^= 1U;
  const ScratchFile other(bytes.data(), bytes.size());
  const TensorView view{scratch.open(Access::kMap), 0, DType::kBF16, 64, 32};
  const TensorView same{scratch.open(Access::kMap), 0, DType::kF32, 1, 1024};
  const TensorView different{other.open(Access::kMap), 0, DType::kBF16, 64, 32};
  CHECK(hash_of(view, 2).low == hash_of(same, 2).low);
  CHECK(hash_of(view, 2).low != hash_of(different, 2).low);
}

TEST_CASE("content hash failures") {
  const auto bytes = random_bytes(1 << 20U);
  const ScratchFile scratch(bytes.data(), bytes.size());
  Executor executor(2);
  Control control;
  ContentHash hash;
  TensorView view{scratch.open(Access::kMap), 0, DType::kF64, 256, 512};
  SUBCASE("invalid argument") {
    view.rows = -1;
    CHECK(content_hash(view, executor, control, &hash).code == Code::kInvalidArgument);
  }
  SUBCASE("file too short") {
    view.offset = 8;
    CHECK(content_hash(view, executor, control, &hash).code == Code::kFileTooShort);
  }
  SUBCASE("file changed, mapped") {
    REQUIRE(scratch.resize(100));
    CHECK(content_hash(view, executor, control, &hash).code == Code::kFileChanged);
  }
  SUBCASE("file changed, read") {
    view.file = scratch.open(Access::kRead);
    REQUIRE(scratch.resize(100));
    CHECK(content_hash(view, executor, control, &hash).code == Code::kFileChanged);
  }
  SUBCASE("cancelled") {
    control.cancelled = true;
    CHECK(content_hash(view, executor, control, &hash).code == Code::kCancelled);
  }
  CHECK(hash.low == 0);
}
