#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "derived_reference.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TensorView must(const Status& status, const TensorView& view) {
  REQUIRE_MESSAGE(status.ok(), status.message);
  CHECK(view.validate().ok());
  return view;
}

TensorView scaled(const ScaledTensor& tensor) {
  TensorView view;
  const Status status = scaled_view(tensor, &view);
  return must(status, view);
}

TensorView low_rank(const LowRankTensor& tensor) {
  TensorView view;
  const Status status = low_rank_view(tensor, &view);
  return must(status, view);
}

TensorView strided(const StridedTensor& tensor) {
  TensorView view;
  const Status status = strided_view(tensor, &view);
  return must(status, view);
}

Code code_of(const StridedTensor& tensor) {
  TensorView view;
  return strided_view(tensor, &view).code;
}

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// 0, 1, 2, ...: every element says where it was.
Matrix counted(std::int64_t rows, std::int64_t cols) {
  Matrix matrix(rows, cols);
  std::iota(matrix.values.begin(), matrix.values.end(), 0.0);
  return matrix;
}

}  // namespace

TEST_CASE("a scaled view is the product with the scale of its block") {
  constexpr std::int64_t kRows = 37, kCols = 53;
  const Matrix of = stored_as(gaussian(kRows, kCols, 1), DType::kBF16);
  const std::int64_t blocks[][2] = {
      {1, kCols}, {kRows, kCols}, {16, 16}, {1, 1}, {5, 7}, {1, 32}, {std::int64_t{1} << 62, std::int64_t{1} << 62}};
  for (const Access access : {Access::kMap, Access::kRead}) {
    const MatrixFile file(of, DType::kBF16, access);
    for (const auto& [rows, cols] : blocks) {
      CAPTURE(rows);
      const std::int64_t scale_rows = (kRows - 1) / rows + 1, scale_cols = (kCols - 1) / cols + 1;
      // One column more than is needed.
      Matrix scale = stored_as(gaussian(scale_rows, scale_cols + 1, 2), DType::kF32);
      const MatrixFile scale_file(scale, DType::kF32, access);
      const TensorView view = scaled({file.view(), scale_file.view(), rows, cols});
      CHECK(view.dtype == DType::kF64);
      const std::vector<double> values = read_all(view);
      int wrong = 0;
      for (std::int64_t i = 0; i < kRows; ++i) {
        for (std::int64_t j = 0; j < kCols; ++j) {
          wrong += values[at(i * kCols + j)] == of(i, j) * scale(i / rows, j / cols) ? 0 : 1;
        }
      }
      CHECK(wrong == 0);
      CHECK(cuts_agree(view, 3));
    }
  }
}

TEST_CASE("a scale of NaN, infinity or zero is multiplied like any other") {
  Matrix of(2, 4);
  of.values = {1, 0, -2, HUGE_VAL, 3, 4, 5, 6};
  Matrix scale(2, 2);
  scale.values = {HUGE_VAL, 0, kNan, -1};
  const MatrixFile file(of, DType::kF32);
  const MatrixFile scale_file(scale, DType::kF16, Access::kMap);
  const MatrixFile wide_scale(scale, DType::kF64);
  const std::vector<double> values = read_all(scaled({file.view(), wide_scale.view(), 1, 2}));
  CHECK(values[0] == HUGE_VAL);
  CHECK(std::isnan(values[1]));
  CHECK(values[2] == 0);
  CHECK(std::isnan(values[3]));
  CHECK(std::isnan(values[4]));
  CHECK(values[6] == -5);
}

TEST_CASE("a scaled view needs scales that cover it") {
  const MatrixFile of(gaussian(8, 8, 1), DType::kF32), scale(gaussian(2, 2, 2), DType::kF32);
  TensorView view;
  CHECK(scaled_view({of.view(), scale.view(), 4, 4}, &view).ok());
  CHECK(scaled_view({of.view(), scale.view(), 3, 4}, &view).code == Code::kInvalidArgument);
  CHECK(scaled_view({of.view(), scale.view(), 4, 3}, &view).code == Code::kInvalidArgument);
  CHECK(scaled_view({of.view(), scale.view(), 0, 4}, &view).code == Code::kInvalidArgument);
  CHECK(scaled_view({of.view(), {}, 4, 4}, &view).code == Code::kInvalidArgument);
  TensorView beyond = scale.view();
  beyond.rows = 1000;
  CHECK(scaled_view({of.view(), beyond, 4, 4}, &view).code == Code::kFileTooShort);
}

TEST_CASE("a low-rank view is the base plus the product of its factors") {
  struct Case {
    std::int64_t rows, cols, rank;
    DType base;
    bool transposed;
  };
  const Case cases[] = {{40, 1301, 5, DType::kBF16, false}, {33, 70, 8, DType::kF32, true},
                        {7, 600, 1, DType::kF16, false},    {1, 20, 4, DType::kF64, true},
                        {9, 9, 0, DType::kBF16, false},     {130, 513, 67, DType::kBF16, true}};
  for (const auto& [rows, cols, rank, base_dtype, is_transposed] : cases) {
    CAPTURE(rank);
    const Matrix base = stored_as(gaussian(rows, cols, 1), base_dtype);
    const Matrix up = stored_as(gaussian(is_transposed ? cols : rows, rank, 2), DType::kBF16);
    const Matrix down = stored_as(gaussian(rank, is_transposed ? rows : cols, 3), DType::kF32);
    const MatrixFile base_file(base, base_dtype, Access::kRead), up_file(up, DType::kBF16),
        down_file(down, DType::kF32);
    constexpr double kFactor = 0.3;
    const TensorView view = low_rank({base_file.view(), up_file.view(), down_file.view(), kFactor, is_transposed});
    const std::vector<double> values = read_all(view);
    double worst = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        long double sum = 0, magnitude = 0;
        for (std::int64_t k = 0; k < rank; ++k) {
          const long double term =
              static_cast<long double>(up(is_transposed ? j : i, k)) * down(k, is_transposed ? i : j);
          sum += term;
          magnitude += std::abs(term);
        }
        const long double expected = base(i, j) + kFactor * sum;
        // One rounding per product and per sum, then the factor and the base.
        const auto bound = (static_cast<long double>(rank) + 2) * kEps * (kFactor * magnitude + std::abs(base(i, j)));
        worst = std::max(worst, static_cast<double>(std::abs(values[at(i * cols + j)] - expected) / bound));
      }
    }
    CHECK(worst <= 1);
    CHECK(cuts_agree(view, 4));
  }
}

TEST_CASE("NaN and infinity go through a low-rank view") {
  Matrix base(2, 3), up(2, 2), down(2, 3);
  base.values = {0, kNan, 0, HUGE_VAL, 0, 0};
  up.values = {1, 0, 0, HUGE_VAL};
  down.values = {1, 1, kNan, 1, 0, -1};
  const MatrixFile base_file(base, DType::kF32), up_file(up, DType::kF32), down_file(down, DType::kF64);
  const std::vector<double> values = read_all(low_rank({base_file.view(), up_file.view(), down_file.view(), 1, false}));
  CHECK(values[0] == 1);
  CHECK(std::isnan(values[1]));
  CHECK(std::isnan(values[2]));
  CHECK(values[3] == HUGE_VAL);
  CHECK(std::isnan(values[4]));
  CHECK(std::isnan(values[5]));
}

TEST_CASE("a low-rank view needs factors that fit, a finite factor and bounded memory") {
  const MatrixFile base(gaussian(4, 6, 1), DType::kF32), up(gaussian(4, 2, 2), DType::kF32),
      down(gaussian(2, 6, 3), DType::kF32);
  TensorView view;
  const auto code = [&](const LowRankTensor& tensor) { return low_rank_view(tensor, &view).code; };
  CHECK(code({base.view(), up.view(), down.view(), 2, false}) == Code::kOk);
  CHECK(code({base.view(), up.view(), down.view(), 2, true}) == Code::kInvalidArgument);
  CHECK(code({base.view(), down.view(), up.view(), 2, false}) == Code::kInvalidArgument);
  CHECK(code({base.view(), up.view(), down.view(), kNan, false}) == Code::kInvalidArgument);
  CHECK(code({base.view(), up.view(), down.view(), HUGE_VAL, false}) == Code::kInvalidArgument);
  // A factor that presents one stored number 2^28 times: nothing on disk, 2 GiB in memory.
  const std::int64_t wide = std::int64_t{1} << 26;
  const TensorView endless = strided({base.view(), 0, {{4}, {0}}, {{wide}, {0}}});
  CHECK(code({endless, strided({up.view(), 0, {{4}, {2}}, {{1}, {1}}}),
              strided({down.view(), 0, {{1}, {1}}, {{wide}, {0}}}), 1, false}) == Code::kOk);
  CHECK(code({endless, endless, endless, 1, false}) == Code::kInvalidArgument);
}

TEST_CASE("a strided view is index arithmetic") {
  struct Case {
    const char* name;
    StridedAxis rows, cols;
    std::int64_t start;
  };
  // Of a matrix of 24 x 36 elements.
  const Case cases[] = {{"the whole", {{24}, {36}}, {{36}, {1}}, 0},
                        {"rows of a slice", {{5}, {36}}, {{36}, {1}}, 72},
                        {"columns of a slice", {{24}, {36}}, {{7}, {1}}, 5},
                        {"transposed", {{36}, {1}}, {{24}, {36}}, 0},
                        {"transposed slice", {{9}, {1}}, {{12}, {36}}, 40},
                        {"heads in another order", {{3, 8}, {36, 108}}, {{36}, {1}}, 0},
                        {"halves interleaved", {{2, 4, 3}, {36, 216, 72}}, {{36}, {1}}, 0},
                        {"columns interleaved", {{24}, {36}}, {{18, 2}, {1, 18}}, 0},
                        {"columns in runs", {{24}, {36}}, {{3, 6}, {12, 1}}, 2},
                        {"every third column", {{24}, {36}}, {{12}, {3}}, 1},
                        {"one column", {{24}, {36}}, {{1}, {1}}, 7},
                        {"one element over and over", {{10}, {0}}, {{10}, {0}}, 17},
                        {"one row over and over", {{10}, {0}}, {{36}, {1}}, 36},
                        {"overlapping windows", {{20}, {1}}, {{30}, {1}}, 3},
                        {"nothing", {{0}, {36}}, {{36}, {1}}, 0},
                        {"one element", {{}, {}}, {{}, {}}, 863},
                        {"digits of one value", {{1, 24, 1}, {7, 36, 9}}, {{6, 1, 6}, {6, 5, 1}}, 0}};
  for (const DType dtype : {DType::kBF16, DType::kF32, DType::kF64}) {
    Matrix matrix = counted(24, 36);
    if (dtype == DType::kBF16) {
      for (double& x : matrix.values) x = std::fmod(x * 7, 256);
    }
    for (const Access access : {Access::kMap, Access::kRead}) {
      const MatrixFile file(matrix, dtype, access);
      // The same elements as a derived view.
      const TensorView derived = low_rank({file.view(), strided({file.view(), 0, {{24}, {0}}, {{0}, {1}}}),
                                           strided({file.view(), 0, {{0}, {0}}, {{36}, {1}}}), 1, false});
      for (const auto& [name, rows, cols, start] : cases) {
        CAPTURE(std::string(name));
        const TensorView view = strided({file.view(), start, rows, cols});
        const TensorView deep = strided({derived, start, rows, cols});
        const auto place = [](const StridedAxis& axis, std::int64_t index) {
          std::int64_t sum = 0;
          for (std::size_t d = axis.sizes.size(); d-- > 0; index /= axis.sizes[d])
            sum += index % axis.sizes[d] * axis.strides[d];
          return sum;
        };
        std::vector<double> expected;
        for (std::int64_t i = 0; i < view.rows; ++i) {
          for (std::int64_t j = 0; j < view.cols; ++j)
            expected.push_back(matrix.values[at(start + place(rows, i) + place(cols, j))]);
        }
        CHECK(view.dtype == dtype);
        CHECK(read_all(view) == expected);
        CHECK(read_all(deep) == expected);
        if (!expected.empty()) {
          CHECK(cuts_agree(view, 5));
          CHECK(cuts_agree(deep, 6));
        }
      }
    }
  }
}

TEST_CASE("a slice without gaps of a stored view is a stored view") {
  const MatrixFile file(counted(24, 36), DType::kF32);
  const TensorView rows = strided({file.view(), 72, {{2, 4}, {144, 36}}, {{6, 6}, {6, 1}}});
  CHECK(rows.derivation == nullptr);
  CHECK(rows.offset == MatrixFile::kOffset + 72 * 4);
  CHECK(rows.rows == 8);
  CHECK(rows.cols == 36);
  CHECK(strided({file.view(), 0, {{24}, {36}}, {{35}, {1}}}).derivation != nullptr);
}

TEST_CASE("a large transposed slice agrees with the transposed matrix, mapped, read and of 8-bit floats") {
  constexpr std::int64_t kRows = 700, kCols = 900;
  const Matrix matrix = stored_as(gaussian(kRows, kCols, 9), DType::kBF16);
  for (const Access access : {Access::kMap, Access::kRead}) {
    const MatrixFile file(matrix, DType::kBF16, access);
    const TensorView view = strided({file.view(), 0, {{kCols}, {1}}, {{kRows}, {kCols}}});
    CHECK(read_all(view) == transposed(matrix).values);
    CHECK(cuts_agree(view, 7));
  }
  std::vector<unsigned char> codes(at(kRows * kCols));
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<unsigned char>(i * 7 % 120);
  const ScratchFile file(codes.data(), codes.size());
  TensorView eight;
  REQUIRE(encoded_view({file.open(Access::kMap), 0, Encoding::kF8E4M3, kRows, kCols}, &eight).ok());
  Matrix plain(kRows, kCols);
  plain.values = read_all(eight);
  const TensorView turned = strided({eight, 0, {{kCols}, {1}}, {{kRows}, {kCols}}});
  CHECK(read_all(turned) == transposed(plain).values);
}

TEST_CASE("a strided view stays inside the view that it is taken from") {
  const MatrixFile file(counted(24, 36), DType::kF32);
  const TensorView of = file.view();
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  const StridedAxis row{{36}, {1}}, one{{}, {}};
  CHECK(code_of({of, 0, {{24}, {36}}, row}) == Code::kOk);
  CHECK(code_of({of, 1, {{24}, {36}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{24}, {37}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 864, one, one}) == Code::kInvalidArgument);
  CHECK(code_of({of, -1, one, one}) == Code::kInvalidArgument);
  CHECK(code_of({of, kHuge, one, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 864, {{0}, {1}}, row}) == Code::kOk);
  CHECK(code_of({of, 865, {{0}, {1}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{24, 2}, {36}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{-24}, {36}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{24}, {-1}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{kHuge, kHuge}, {0, 0}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{3}, {kHuge}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{2, 2}, {kHuge, kHuge}}, row}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{kHuge / 4}, {0}}, {{8}, {0}}}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{0, kHuge, kHuge}, {0, kHuge, 1}}, row}) == Code::kOk);
  CHECK(code_of({of, 0, {std::vector<std::int64_t>(17, 1), std::vector<std::int64_t>(17, 1)}, row}) ==
        Code::kInvalidArgument);
  CHECK(code_of({{}, 0, one, one}) == Code::kInvalidArgument);
}

TEST_CASE("far columns of a view of blocks are refused") {
  const std::vector<unsigned char> blocks(at(64 * 4 * 34), 1);
  const ScratchFile file(blocks.data(), blocks.size());
  TensorView of;
  REQUIRE(encoded_view({file.open(Access::kMap), 0, Encoding::kQ8_0, 64, 128}, &of).ok());
  CHECK(code_of({of, 0, {{128}, {1}}, {{64}, {128}}}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{64}, {128}}, {{1}, {1}}}) == Code::kInvalidArgument);
  CHECK(code_of({of, 0, {{64}, {128}}, {{64}, {2}}}) == Code::kOk);
  const TensorView halves = strided({of, 0, {{64}, {128}}, {{64, 2}, {1, 64}}});
  const std::vector<double> plain = read_all(of), values = read_all(halves);
  for (std::size_t i = 0; i < 128; ++i) CHECK(values[i] == plain[i % 2 * 64 + i / 2]);
}

TEST_CASE("derivations on top of each other, up to a depth") {
  const Matrix matrix = stored_as(gaussian(16, 32, 1), DType::kF32);
  const MatrixFile file(matrix, DType::kF32);
  Matrix two(1, 1);
  two.values = {2};
  const MatrixFile scale(two, DType::kF32);
  TensorView view = file.view();
  for (int depth = 1; depth <= kMaxDerivationDepth; ++depth) {
    // Turned and doubled in turns.
    view = depth % 2 == 1 ? strided({view, 0, {{view.cols}, {1}}, {{view.rows}, {view.cols}}})
                          : scaled({view, scale.view(), 1 << 20, 1 << 20});
    CHECK(view.depth() == depth);
  }
  std::vector<double> expected = matrix.values;
  for (double& x : expected) x *= 16;
  CHECK(read_all(view) == expected);
  CHECK(cuts_agree(view, 8));
  TensorView deeper;
  CHECK(scaled_view({view, scale.view(), 99, 99}, &deeper).code == Code::kInvalidArgument);
  CHECK(scaled_view({file.view(), view, 99, 99}, &deeper).code == Code::kInvalidArgument);
}

TEST_CASE("a derived view with another shape, dtype or range than it has is refused") {
  const MatrixFile file(gaussian(4, 6, 1), DType::kF32), scale(gaussian(1, 1, 2), DType::kF32);
  TensorView view = scaled({file.view(), scale.view(), 4, 6});
  std::vector<double> scratch(24);
  auto* const bytes = reinterpret_cast<std::byte*>(scratch.data());
  const std::byte* out = nullptr;
  CHECK(view.read(0, 25, bytes, &out).code == Code::kInvalidArgument);
  CHECK(view.read(-1, 1, bytes, &out).code == Code::kInvalidArgument);
  CHECK(view.read(24, 0, bytes, &out).ok());
  CHECK(view.read(std::numeric_limits<std::int64_t>::max(), 1, bytes, &out).code == Code::kInvalidArgument);
  CHECK(file.view().read(20, 5, bytes, &out).code == Code::kInvalidArgument);
  ByteRange range;
  CHECK(view.stored_bytes(&range).code == Code::kInvalidArgument);
  view.rows = 6;
  view.cols = 4;
  CHECK(view.validate().ok());
  view.cols = 5;
  CHECK(view.validate().code == Code::kInvalidArgument);
  view.cols = 4;
  view.dtype = DType::kF32;
  CHECK(view.validate().code == Code::kInvalidArgument);
  view.dtype = DType::kF64;
  view.file = file.view().file;
  CHECK(view.validate().code == Code::kInvalidArgument);
}
