#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "change_reference.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

constexpr DType kPlainDTypes[] = {DType::kBF16, DType::kF16, DType::kF32, DType::kF64};

std::int64_t pixels_along(std::int64_t weights, int level) { return ((weights - 1) >> level) + 1; }

void check_tile(const ChangeTileRequest& request, const std::vector<std::uint8_t>& expected, int threads) {
  CAPTURE(static_cast<int>(request.reduction));
  CAPTURE(request.level);
  CAPTURE(isa_name(request.isa));
  const ChangeTile tile = tile_of(request, threads);
  CHECK(tile.rows == pixels_along(request.rows, request.level));
  CHECK(tile.cols == pixels_along(request.cols, request.level));
  CHECK((tile.pixels == expected));
}

void check_tile(const StoredMatrices& stored, const ChangeTileRequest& request, int threads) {
  check_tile(request, expected_pixels(stored.matrices(), request), threads);
}

/// Every tile of `side` pixels of level 0, as the picture puts them side by side.
std::vector<std::uint8_t> tiled(const StoredMatrices& stored, ChangeReduction reduction, std::int64_t side) {
  const Shape shape = stored.shape();
  std::vector<std::uint8_t> picture(static_cast<std::size_t>(shape.rows * shape.cols));
  ChangeTileRequest request = stored.tile(reduction, 0);
  request.isa = best_isa();
  for (request.row = 0; request.row < shape.rows; request.row += side) {
    for (request.col = 0; request.col < shape.cols; request.col += side) {
      request.rows = std::min(side, shape.rows - request.row);
      request.cols = std::min(side, shape.cols - request.col);
      const ChangeTile tile = tile_of(request, 2);
      for (std::size_t i = 0; i < tile.pixels.size(); ++i) {
        const std::int64_t row = request.row + static_cast<std::int64_t>(i) / tile.cols;
        const std::int64_t col = request.col + static_cast<std::int64_t>(i) % tile.cols;
        picture[static_cast<std::size_t>(row * shape.cols + col)] = tile.pixels[i];
      }
    }
  }
  return picture;
}

std::uint64_t count_of(const std::vector<std::uint8_t>& bytes, int value) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), static_cast<std::uint8_t>(value)));
}

Status status_of(const ChangeTileRequest& request) {
  Executor executor(1);
  Control control;
  ChangeTile tile;
  return change_tile(request, executor, control, &tile);
}

}  // namespace

TEST_CASE("tiles are the reduction of their weights, for every dtype, level, instruction set and way of reading") {
  const Shape shape{75, 211};
  for (const DType reference : kPlainDTypes) {
    for (const DType variant : kPlainDTypes) {
      const StoredMatrices mapped(moved_matrices({reference, variant, DType::kBF16, variant}, shape, 7), shape,
                                  Access::kMap);
      const StoredMatrices read(mapped.matrices(), shape, Access::kRead);
      for (const ChangeReduction reduction : kReductions) {
        for (const int level : {0, 1, 3, 6, 8, kHighestLevel}) {
          ChangeTileRequest request = mapped.tile(reduction, level);
          const std::vector<std::uint8_t> expected = expected_pixels(mapped.matrices(), request);
          for (const Isa isa : available_isas()) {
            request.isa = isa;
            check_tile(request, expected, 2);
          }
          check_tile(read.tile(reduction, level), expected, 1);
        }
      }
    }
  }
}

TEST_CASE("a region in the middle of a matrix is reduced from its own first weight") {
  const Shape shape{130, 300};
  for (const Access access : {Access::kMap, Access::kRead}) {
    for (const DType dtype : {DType::kBF16, DType::kF32}) {
      const StoredMatrices stored(moved_matrices({dtype, dtype, dtype}, shape, 3), shape, access);
      for (const ChangeReduction reduction : kReductions) {
        ChangeTileRequest request = stored.tile(reduction, 2);
        request.row = 17;
        request.col = 131;
        request.rows = 101;
        request.cols = 90;
        request.isa = best_isa();
        check_tile(stored, request, 2);
        request.rows = request.cols = 1;
        check_tile(stored, request, 1);
      }
    }
  }
}

TEST_CASE("blocks of long rows and of tall columns meet in their pixels, for any number of threads") {
  for (const Shape shape : {Shape{3, 50'001}, Shape{1, 100'003}, Shape{50'003, 3}, Shape{300'001, 1}}) {
    const StoredMatrices stored(moved_matrices({DType::kBF16, DType::kBF16, DType::kBF16}, shape, 11), shape,
                                Access::kMap);
    for (const ChangeReduction reduction : kReductions) {
      for (const int level : {0, 13, 15, kHighestLevel}) {
        ChangeTileRequest request = stored.tile(reduction, level);
        request.isa = best_isa();
        const std::vector<std::uint8_t> expected = expected_pixels(stored.matrices(), request);
        for (const int threads : {1, 4}) check_tile(request, expected, threads);
      }
    }
  }
}

TEST_CASE("the pixels of level 0 add up to what an element pass counts") {
  const Shape shape{300, 517};
  for (const DType dtype : kPlainDTypes) {
    const StoredMatrices stored(moved_matrices({dtype, DType::kBF16, DType::kF32, dtype}, shape, 19), shape,
                                Access::kMap);
    RunOptions options;
    options.isa = best_isa();
    const ElementPassResult pass = run_elements(stored.matrices(), shape, options);
    const PairElements& pair = pass.pairs[0];
    const std::vector<std::uint8_t> density = tiled(stored, ChangeReduction::kDensity, 256);
    CHECK(count_of(density, 255) == pair.n - pair.unchanged_bf16);
    CHECK(count_of(density, 0) == pair.unchanged_bf16 + pair.invalid);
    const std::vector<std::uint8_t> steps = tiled(stored, ChangeReduction::kSteps, 256);
    CHECK(count_of(steps, -128) == pair.invalid);
    const int bounds[] = {-1, 0, 1, 2, 4, 8, 16, 32, 64};
    for (std::size_t bin = 0; bin + 1 < std::size(bounds); ++bin) {
      std::uint64_t found = 0;
      for (int size = bounds[bin] + 1; size <= bounds[bin + 1]; ++size) {
        found += count_of(steps, size) + (size == 0 ? 0 : count_of(steps, -size));
      }
      CHECK(found == pair.steps[bin]);
    }
    const std::vector<std::uint8_t> direction = tiled(stored, ChangeReduction::kDirection, 256);
    CHECK(count_of(direction, 127) + count_of(direction, -127) == pair.n - pair.unchanged_bf16);
    const std::vector<std::uint8_t> consensus = tiled(stored, ChangeReduction::kConsensus, 256);
    CHECK(count_of(consensus, 0) == pass.consensus[0] + shape.rows * shape.cols - pass.valid_all);
    CHECK(count_of(consensus, 85) == pass.consensus[1]);
    CHECK(count_of(consensus, 170) == pass.consensus[2]);
    CHECK(count_of(consensus, 255) == pass.consensus[3]);
  }
}

TEST_CASE("a share is 0 only where nothing changed and 255 only where everything did") {
  const Shape shape{600, 600};
  const std::size_t count = 360'000;
  const std::vector<std::uint16_t> base(count, 0x3C00);
  std::vector<std::uint16_t> one = base;
  one[777] = 0x3C01;
  std::vector<std::uint16_t> all_but_one(count, 0xBC00);
  all_but_one[359'999] = 0x3C00;
  const std::vector<std::uint16_t> everything(count, 0x3C02);
  const auto share_of = [&](const std::vector<std::vector<std::uint16_t>>& runs, ChangeReduction reduction) {
    std::vector<Matrix> matrices = {Matrix::of_bf16(base)};
    for (const auto& run : runs) matrices.push_back(Matrix::of_bf16(run));
    const StoredMatrices stored(matrices, shape, Access::kMap);
    ChangeTileRequest request = stored.tile(reduction, 10);
    request.isa = best_isa();
    return static_cast<int>(tile_of(request, 2).pixels.at(0));
  };
  CHECK(share_of({base}, ChangeReduction::kDensity) == 0);
  CHECK(share_of({one}, ChangeReduction::kDensity) == 1);
  CHECK(share_of({all_but_one}, ChangeReduction::kDensity) == 254);
  CHECK(share_of({everything}, ChangeReduction::kDensity) == 255);
  CHECK(share_of({base, one}, ChangeReduction::kConsensus) == 1);
  CHECK(share_of({everything, all_but_one}, ChangeReduction::kConsensus) == 254);
  CHECK(share_of({everything, everything}, ChangeReduction::kConsensus) == 255);
}

TEST_CASE("consensus of 64 runs counts every one of them") {
  const Shape shape{700, 65};
  std::vector<Matrix> matrices = {Matrix::of_bf16(std::vector<std::uint16_t>(45'500, 0x3C00))};
  for (int run = 0; run < 64; ++run) {
    // Run i changes the columns from i on: column c is changed by c + 1 runs, the last by all.
    std::vector<std::uint16_t> codes(45'500, 0x3C00);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (static_cast<int>(i % 65) >= run) codes[i] = 0x3C05;
    }
    matrices.push_back(Matrix::of_bf16(codes));
  }
  const StoredMatrices stored(matrices, shape, Access::kMap);
  for (const int level : {0, 10}) check_tile(stored, stored.tile(ChangeReduction::kConsensus, level), 2);
}

TEST_CASE("zeros of both signs are equal, and steps across half the line are cut") {
  const float largest = std::numeric_limits<float>::max();
  const std::vector<float> from = {0.0F, -0.0F, 2.0F, -2.0F, 1e30F, -1e30F, largest, 1.0F};
  const std::vector<float> to = {-0.0F, 0.0F, -2.0F, 2.0F, -1e30F, 1e30F, 1.0F, 1.0078125F};
  const Shape shape{1, 8};
  const StoredMatrices stored({Matrix::of_f32(from), Matrix::of_f32(to)}, shape, Access::kMap);
  for (const Isa isa : available_isas()) {
    ChangeTileRequest request = stored.tile(ChangeReduction::kSteps, 0);
    request.isa = isa;
    // The largest float rounds to an infinite bf16.
    const std::vector<std::uint8_t> wanted = {0, 0, 0x81, 0x7F, 0x81, 0x7F, 0x80, 1};
    CHECK((tile_of(request, 1).pixels == wanted));
    // 32768 steps down and as many up count as equally far: up wins.
    request.col = 2;
    request.cols = 2;
    request.level = 1;
    CHECK(tile_of(request, 1).pixels == std::vector<std::uint8_t>{0x7F});
  }
}

TEST_CASE("a tile that contradicts itself is refused in words") {
  const Shape shape{40, 30};
  const StoredMatrices stored(moved_matrices({DType::kBF16, DType::kBF16, DType::kBF16}, shape, 2), shape,
                              Access::kMap);
  const ChangeTileRequest whole = stored.tile(ChangeReduction::kDensity, 0);
  CHECK(status_of(whole).ok());
  const auto refused = [&whole](const auto& spoil) {
    ChangeTileRequest request = whole;
    spoil(request);
    const Status status = status_of(request);
    CHECK(status.message.find("change_tile: ") == 0);
    return status.code == Code::kInvalidArgument;
  };
  CHECK(refused([](auto& request) { request.variants.clear(); }));
  CHECK(refused([](auto& request) { request.variants.push_back(request.reference); }));
  CHECK(refused([](auto& request) { request.variants.resize(65, request.reference); }));
  CHECK(refused([](auto& request) { request.variants[0].rows = 39; }));
  CHECK(refused([](auto& request) { request.row = -1; }));
  CHECK(refused([](auto& request) { request.rows = 0; }));
  CHECK(refused([](auto& request) { request.rows = 41; }));
  CHECK(refused([](auto& request) { request.col = 1; }));
  CHECK(refused([](auto& request) { request.col = std::numeric_limits<std::int64_t>::max(); }));
  CHECK(refused([](auto& request) { request.level = -1; }));
  CHECK(refused([](auto& request) { request.level = kHighestLevel + 1; }));
  const Shape large{1025, 1024};
  const std::vector<std::uint16_t> codes(1025 * 1024);
  const StoredMatrices many({Matrix::of_bf16(codes), Matrix::of_bf16(codes)}, large, Access::kMap);
  CHECK(status_of(many.tile(ChangeReduction::kDensity, 0)).code == Code::kInvalidArgument);
}
