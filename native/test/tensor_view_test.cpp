#include "polarimeter/tensor_view.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "scratch_file.h"

using polarimeter::Access;
using polarimeter::Code;
using polarimeter::code_name;
using polarimeter::DType;
using polarimeter::TensorView;
using polarimeter::testing::ScratchFile;

TEST_CASE("element sizes") {
  CHECK(element_size(DType::kF64) == 8);
  CHECK(element_size(DType::kF32) == 4);
  CHECK(element_size(DType::kF16) == 2);
  CHECK(element_size(DType::kBF16) == 2);
}

TEST_CASE("a view is checked against overflow and the end of its file") {
  const std::string data(100, 'x');
  const ScratchFile scratch(data.data(), data.size());
  TensorView view{scratch.open(Access::kRead), 0, DType::kF32, 5, 5};
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  CHECK(view.validate().ok());
  SUBCASE("one byte too far") {
    view.offset = 1;
    CHECK(view.validate().code == Code::kFileTooShort);
  }
  SUBCASE("no elements at the very end") {
    view.rows = 0;
    view.offset = 100;
    CHECK(view.validate().ok());
    view.offset = 101;
    CHECK(view.validate().code == Code::kFileTooShort);
  }
  SUBCASE("no file") {
    view.file = nullptr;
    CHECK(view.validate().code == Code::kInvalidArgument);
  }
  SUBCASE("negative") {
    view.cols = -5;
    CHECK(view.validate().code == Code::kInvalidArgument);
    view.rows = -5;
    CHECK(view.validate().code == Code::kInvalidArgument);
  }
  SUBCASE("product overflows") {
    view.rows = kHuge;
    CHECK(view.validate().code == Code::kInvalidArgument);
  }
  SUBCASE("bytes overflow") {
    view.rows = kHuge / 3;
    view.cols = 1;
    CHECK(view.validate().code == Code::kInvalidArgument);
  }
  SUBCASE("end overflows") {
    view.offset = std::numeric_limits<std::uint64_t>::max() - 10;
    CHECK(view.validate().code == Code::kInvalidArgument);
  }
  SUBCASE("a dtype that does not exist") {
    view.dtype = static_cast<DType>(17);
    CHECK(view.validate().code == Code::kInvalidArgument);
  }
}

TEST_CASE("names of codes are stable") {
  CHECK(std::string(code_name(Code::kOk)) == "ok");
  CHECK(std::string(code_name(Code::kCancelled)) == "cancelled");
  CHECK(std::string(code_name(Code::kInvalidArgument)) == "invalid-argument");
  CHECK(std::string(code_name(Code::kFileOpen)) == "file-open");
  CHECK(std::string(code_name(Code::kFileTooShort)) == "file-too-short");
  CHECK(std::string(code_name(Code::kFileChanged)) == "file-changed");
  CHECK(std::string(code_name(Code::kReadFailed)) == "read-failed");
  CHECK(std::string(code_name(Code::kOutOfMemory)) == "out-of-memory");
  CHECK(std::string(code_name(Code::kNotFinite)) == "not-finite");
  CHECK(std::string(code_name(Code::kNoConvergence)) == "no-convergence");
  CHECK(std::string(code_name(Code::kLibraryMissing)) == "library-missing");
}
