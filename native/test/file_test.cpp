#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "core/sigbus_guard.h"
#include "scratch_file.h"

using polarimeter::Access;
using polarimeter::Code;
using polarimeter::File;
using polarimeter::Status;
using polarimeter::testing::ScratchFile;

namespace {

const std::string kText = "0123456789abcdef";

std::string read_all(const File& file) {
  std::string buffer(file.size(), '\0');
  const std::byte* bytes = nullptr;
  const Status status = file.bytes(0, file.size(), reinterpret_cast<std::byte*>(buffer.data()), &bytes);
  REQUIRE(status.ok());
  return {reinterpret_cast<const char*>(bytes), file.size()};
}

}  // namespace

TEST_CASE("a file gives its bytes mapped and read") {
  const ScratchFile scratch(kText.data(), kText.size());
  for (const Access access : {Access::kMap, Access::kRead}) {
    const auto file = scratch.open(access);
    REQUIRE(file);
    CHECK(file->access() == access);
    CHECK(file->size() == kText.size());
    CHECK(file->path() == scratch.path());
    CHECK(read_all(*file) == kText);
    CHECK(file->check_unchanged().ok());
    file->will_need(3, 1000);
    file->dont_need(0, 5);
    CHECK(read_all(*file) == kText);
  }
}

TEST_CASE("automatic access reads a fresh file and maps an old one") {
  const ScratchFile scratch(kText.data(), kText.size());
  CHECK(scratch.open(Access::kAuto)->access() == Access::kRead);
  REQUIRE(scratch.age(9));
  CHECK(scratch.open(Access::kAuto)->access() == Access::kRead);
  REQUIRE(scratch.age(11));
  CHECK(scratch.open(Access::kAuto)->access() == Access::kMap);
}

TEST_CASE("an empty file opens and has no bytes") {
  const ScratchFile scratch;
  for (const Access access : {Access::kAuto, Access::kMap, Access::kRead}) {
    const auto file = scratch.open(access);
    REQUIRE(file);
    CHECK(file->access() == Access::kRead);
    CHECK(read_all(*file).empty());
  }
}

TEST_CASE("what is not a regular file does not open and does not block") {
  std::shared_ptr<File> file;
  CHECK(File::open("/nonexistent/model.safetensors", Access::kAuto, &file).code == Code::kFileOpen);
  CHECK(File::open("/tmp", Access::kAuto, &file).code == Code::kFileOpen);
  const ScratchFile scratch;
  const std::string pipe = scratch.path() + ".pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(File::open(pipe, Access::kAuto, &file).code == Code::kFileOpen);
  unlink(pipe.c_str());
  CHECK(file == nullptr);
}

TEST_CASE("bytes beyond the end are refused") {
  const ScratchFile scratch(kText.data(), kText.size());
  for (const Access access : {Access::kMap, Access::kRead}) {
    const auto file = scratch.open(access);
    std::byte buffer[32];
    const std::byte* bytes = nullptr;
    CHECK(file->bytes(10, 6, buffer, &bytes).ok());
    CHECK(file->bytes(16, 0, buffer, &bytes).ok());
    CHECK(file->bytes(10, 7, buffer, &bytes).code == Code::kFileTooShort);
    CHECK(file->bytes(17, 0, buffer, &bytes).code == Code::kFileTooShort);
    CHECK(file->bytes(~std::uint64_t{0}, 2, buffer, &bytes).code == Code::kFileTooShort);
  }
}

TEST_CASE("a change after opening is noticed") {
  const ScratchFile scratch(kText.data(), kText.size());
  REQUIRE(scratch.age(60));
  const auto file = scratch.open(Access::kMap);
  SUBCASE("other bytes") { REQUIRE(scratch.write_at(3, "x", 1)); }
  SUBCASE("longer") { REQUIRE(scratch.resize(100)); }
  SUBCASE("shorter") { REQUIRE(scratch.resize(3)); }
  CHECK(file->check_unchanged().code == Code::kFileChanged);
}

TEST_CASE("links and permissions that come and go are no change") {
  const ScratchFile scratch(kText.data(), kText.size());
  REQUIRE(scratch.age(60));
  const auto file = scratch.open(Access::kMap);
  const std::string link_name = scratch.path() + ".link";
  REQUIRE(link(scratch.path().c_str(), link_name.c_str()) == 0);
  REQUIRE(unlink(link_name.c_str()) == 0);
  REQUIRE(chmod(scratch.path().c_str(), 0600) == 0);
  CHECK(file->check_unchanged().ok());
}

TEST_CASE("a file that another one replaced by name stays valid") {
  const ScratchFile scratch(kText.data(), kText.size());
  REQUIRE(scratch.age(60));
  const auto file = scratch.open(Access::kMap);
  {
    const ScratchFile other("new", 3);
    const std::string link_name = other.path() + ".link";
    REQUIRE(link(other.path().c_str(), link_name.c_str()) == 0);
    REQUIRE(rename(link_name.c_str(), scratch.path().c_str()) == 0);
  }
  CHECK(file->check_unchanged().ok());
  CHECK(read_all(*file) == kText);
}

TEST_CASE("a mapped file that shrinks gives zeros and is marked, others are left alone") {
  const std::size_t length = 3 << 16U;
  const std::string data(length, 'x');
  const ScratchFile scratch(data.data(), length);
  const ScratchFile bystander(data.data(), length);
  const auto file = scratch.open(Access::kMap);
  const auto other = bystander.open(Access::kMap);
  REQUIRE(scratch.resize(1));
  const std::string seen = read_all(*file);
  CHECK(seen.front() == 'x');
  CHECK(seen.back() == '\0');
  CHECK(file->check_unchanged().code == Code::kFileChanged);
  // Restoring the size does not restore trust.
  REQUIRE(scratch.resize(length));
  CHECK(file->check_unchanged().code == Code::kFileChanged);
  CHECK(read_all(*other) == data);
  CHECK(other->check_unchanged().ok());
}

TEST_CASE("a read file that shrinks ends in an error") {
  const ScratchFile scratch(kText.data(), kText.size());
  const auto file = scratch.open(Access::kRead);
  REQUIRE(scratch.resize(4));
  std::byte buffer[16];
  const std::byte* bytes = nullptr;
  CHECK(file->bytes(0, 16, buffer, &bytes).code == Code::kFileTooShort);
  CHECK(file->check_unchanged().code == Code::kFileChanged);
}

TEST_CASE("more mappings than the guard has places for are read instead") {
  const ScratchFile scratch(kText.data(), kText.size());
  REQUIRE(scratch.age(60));
  std::vector<std::shared_ptr<File>> files;
  int mapped = 0;
  for (int i = 0; i < 600; ++i) {
    auto file = scratch.open(Access::kAuto);
    if (!file) break;  // descriptors ran out, which the guard is not about
    mapped += file->access() == Access::kMap ? 1 : 0;
    files.push_back(std::move(file));
  }
  CHECK(mapped == static_cast<int>(files.size()));
  std::vector<char> memory(1 << 16U);
  std::vector<std::unique_ptr<polarimeter::SigbusGuard>> guards;
  bool full = false;
  while (!full) {
    guards.push_back(std::make_unique<polarimeter::SigbusGuard>());
    full = !guards.back()->watch(memory.data(), memory.size());
  }
  files.clear();
  guards.resize(guards.size() - 1);
  CHECK(scratch.open(Access::kAuto)->access() == Access::kMap);
  std::vector<std::unique_ptr<polarimeter::SigbusGuard>> more;
  for (int i = 0; i < 600; ++i) {
    more.push_back(std::make_unique<polarimeter::SigbusGuard>());
    if (!more.back()->watch(memory.data(), memory.size())) break;
  }
  CHECK(scratch.open(Access::kAuto)->access() == Access::kRead);
  CHECK(scratch.open(Access::kMap) == nullptr);
}
