#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>

#include "element_reference.h"
#include "scratch_file.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

using Codes = std::vector<std::uint16_t>;

/// Normal numbers of the size of weights, as the nearest code towards zero.
Codes weight_codes(std::size_t count, unsigned seed, float scale = 0.02F) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0F, scale);
  Codes codes(count);
  for (auto& code : codes) {
    const float value = normal(random);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    code = static_cast<std::uint16_t>(bits >> 16U);
  }
  return codes;
}

/// Moves about `share` of the codes by up to `most` steps, signs included where a code passes zero.
Codes moved(Codes codes, unsigned seed, double share, int most) {
  std::mt19937 random(seed);
  std::bernoulli_distribution moves(share);
  std::uniform_int_distribution<int> steps(-most, most);
  for (auto& code : codes) {
    if (!moves(random)) continue;
    const int magnitude = (code & 0x7FFF) + steps(random);
    const bool negative = ((code & 0x8000) != 0) != (magnitude < 0);
    code = static_cast<std::uint16_t>(std::min(std::abs(magnitude), 0x7F7F) | (negative ? 0x8000 : 0));
  }
  return codes;
}

const std::vector<float> kFourThresholds = {1e-8F, 1e-7F, 1e-6F, 1e-5F};

void check_all_isas(const std::vector<Matrix>& matrices, Shape shape, RunOptions options) {
  const Expected expected = expected_elements(matrices, shape, options.thresholds, options.profiles);
  for (const Isa isa : available_isas()) {
    CAPTURE(isa_name(isa));
    options.isa = isa;
    check_agrees(run_elements(matrices, shape, options), expected);
  }
}

}  // namespace

TEST_CASE("a planted mask is counted exactly") {
  const Shape shape{300, 1000};
  Codes reference(300 * 1000, 0x3C00);
  Codes variant = reference;
  for (std::size_t col = 0; col < 1000; col += 10) variant[7 * 1000 + col] = 0x3C01;
  for (std::size_t row = 0; row < 300; ++row) variant[row * 1000 + 999] = 0x3C80;
  const std::vector<Matrix> matrices = {Matrix::of_bf16(reference), Matrix::of_bf16(variant)};
  for (const Isa isa : available_isas()) {
    CAPTURE(isa_name(isa));
    RunOptions options;
    options.isa = isa;
    const PairElements pair = run_elements(matrices, shape, options).pairs.at(0);
    CHECK(pair.n == 300'000);
    CHECK(pair.unchanged_bf16 == 300'000 - 400);
    CHECK(pair.unchanged_native == pair.unchanged_bf16);
    CHECK(pair.steps[0] == pair.unchanged_bf16);
    CHECK(pair.steps[1] == 100);
    CHECK(pair.steps[8] == 300);
    CHECK(pair.row_changed[7] == 101);
    CHECK(pair.row_changed[8] == 1);
    CHECK(pair.col_changed[990] == 1);
    CHECK(pair.col_changed[999] == 300);
    CHECK(pair.col_changed[998] == 0);
    CHECK(pair.max_abs_update == 0x1p-7);
  }
}

TEST_CASE("random bf16 pairs agree with the definition in every shape") {
  const Shape shapes[] = {{1, 1},       {1, 31},           {1, 33},    {31, 1},      {5, 7},
                          {64, 64},     {3, 4097},         {77, 95},   {1, 300'001}, {300'001, 1},
                          {2, 262'145}, {40, 16'384 + 64}, {700, 1001}};
  for (const Shape shape : shapes) {
    CAPTURE(shape.rows);
    CAPTURE(shape.cols);
    const auto count = static_cast<std::size_t>(shape.rows * shape.cols);
    const Codes reference = weight_codes(count, 1);
    RunOptions options;
    options.thresholds = kFourThresholds;
    check_all_isas({Matrix::of_bf16(reference), Matrix::of_bf16(moved(reference, 2, 0.5, 3)),
                    Matrix::of_bf16(moved(reference, 3, 0.1, 600))},
                   shape, options);
  }
}

TEST_CASE("a tensor without elements gives zeros") {
  for (const Shape shape : {Shape{0, 0}, Shape{0, 5}, Shape{5, 0}}) {
    RunOptions options;
    options.thresholds = {0.0F};
    check_all_isas({Matrix::of_bf16({}), Matrix::of_bf16({})}, shape, options);
    check_all_isas({Matrix::of_bf16({}), Matrix::of_bf16({}), Matrix::of_bf16({})}, shape, options);
  }
}

TEST_CASE("many variants and their dot products") {
  const Shape shape{40, 333};
  const Codes reference = weight_codes(40 * 333, 5);
  std::vector<Matrix> matrices = {Matrix::of_bf16(reference)};
  for (unsigned i = 0; i < 9; ++i) matrices.push_back(Matrix::of_bf16(moved(reference, 10 + i, 0.1 * (1 + i), 2)));
  RunOptions options;
  options.profiles = false;
  check_all_isas(matrices, shape, options);
}

TEST_CASE("64 variants are as many as can be") {
  const Codes reference = weight_codes(100, 5);
  RunOptions options;
  check_all_isas(std::vector<Matrix>(65, Matrix::of_bf16(reference)), {10, 10}, options);
}

TEST_CASE("every code against every distance") {
  // All finite codes against codes a fixed number of places further on: all bins, both signs, subnormals, both zeros.
  for (const int shift :
       {1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 64, 65, 128, 129, 256, 257, 300, 0x4000, 0x7F80, 0x8000}) {
    Codes reference;
    Codes variant;
    for (int code = 0; code < 0x10000; ++code) {
      const int other = (code + shift) & 0xFFFF;
      if ((code & 0x7F80) == 0x7F80 || (other & 0x7F80) == 0x7F80) continue;
      reference.push_back(static_cast<std::uint16_t>(code));
      variant.push_back(static_cast<std::uint16_t>(other));
    }
    CAPTURE(shift);
    RunOptions options;
    options.thresholds = {0.0F, 0x1p-133F, 0x1p-126F, 1e-5F, 1.0F, 0x1p+100F};
    const Shape shape{1, static_cast<std::int64_t>(reference.size())};
    check_all_isas({Matrix::of_bf16(reference), Matrix::of_bf16(variant)}, shape, options);
  }
}

TEST_CASE("distances across zero and across the whole line, at ordinary magnitudes") {
  // Stays in the fast loops: every element between 2^-40 and 2^40, or zero.
  Codes reference;
  Codes variant;
  for (int magnitude = 0x2B80; magnitude < 0x5380; ++magnitude) {
    for (const int other : {0, magnitude + 1, 0x8000 | magnitude, 0x8000 | (magnitude + 1), 0x8000}) {
      reference.push_back(static_cast<std::uint16_t>(magnitude));
      variant.push_back(static_cast<std::uint16_t>(other));
      reference.push_back(static_cast<std::uint16_t>(other));
      variant.push_back(static_cast<std::uint16_t>(magnitude));
    }
  }
  RunOptions options;
  options.thresholds = {0.0F, 1e-8F, 1e-5F, 1.0F, 1e5F};
  const Shape shape{1, static_cast<std::int64_t>(reference.size())};
  check_all_isas({Matrix::of_bf16(reference), Matrix::of_bf16(variant)}, shape, options);
}

TEST_CASE("NaN and infinity are counted as invalid and in nothing else") {
  const Shape shape{120, 5000};
  Codes reference = weight_codes(120 * 5000, 8);
  Codes first = moved(reference, 9, 0.3, 2);
  Codes second = moved(reference, 10, 0.3, 2);
  reference[17] = 0x7FC0;
  first[17] = 0x7FC0;
  reference[4000] = 0x7F80;
  first[5001] = 0xFF80;
  second[5002] = 0xFFFF;
  first[599'999] = 0x7F81;
  RunOptions options;
  options.thresholds = kFourThresholds;
  check_all_isas({Matrix::of_bf16(reference), Matrix::of_bf16(first), Matrix::of_bf16(second)}, shape, options);
  const Codes nothing(120 * 5000, 0x7FC0);
  check_all_isas({Matrix::of_bf16(nothing), Matrix::of_bf16(first)}, shape, options);
}

TEST_CASE("hostile magnitudes neither overflow nor vanish") {
  const Shape shape{3, 1000};
  // 2^127, 2^-126, the smallest subnormal, 2^-70 (its square vanishes in float32), zero.
  for (const std::uint16_t base : std::initializer_list<std::uint16_t>{0x7F00, 0x0080, 0x0001, 0x1C80, 0x0000}) {
    for (const std::uint16_t other :
         std::initializer_list<std::uint16_t>{0x7F7F, 0xFF7F, 0x0081, 0x0002, 0x1C81, 0x8000}) {
      CAPTURE(base);
      CAPTURE(other);
      Codes variant(3000, base);
      for (std::size_t i = 0; i < variant.size(); i += 3) variant[i] = other;
      RunOptions options;
      options.thresholds = {0.0F, 0x1p-133F, 0x1p+100F};
      check_all_isas({Matrix::of_bf16(Codes(3000, base)), Matrix::of_bf16(variant)}, shape, options);
    }
  }
}

TEST_CASE("a tiny update of ordinary weights is not lost") {
  Codes reference(5000, 0x3C23);
  Codes variant = reference;
  reference[1234] = 0x1900;  // 2^-77
  variant[1234] = 0x1901;
  RunOptions options;
  check_all_isas({Matrix::of_bf16(reference), Matrix::of_bf16(variant)}, {5, 1000}, options);
}

TEST_CASE("thresholds include their own value") {
  // |d| is exactly one step at 2^-9: 2^-16; and one float32 below and above as thresholds.
  const float step = 0x1p-16F;
  RunOptions options;
  options.thresholds = {0.0F, std::nextafterf(step, 0.0F), step, std::nextafterf(step, 1.0F)};
  const std::vector<Matrix> matrices = {Matrix::of_bf16(Codes(100, 0x3B00)), Matrix::of_bf16(Codes(100, 0x3B01))};
  for (const Isa isa : available_isas()) {
    options.isa = isa;
    const PairElements pair = run_elements(matrices, {10, 10}, options).pairs.at(0);
    CHECK(pair.within == std::vector<std::uint64_t>{0, 0, 100, 100});
  }
  for (std::size_t count = 0; count <= 8; ++count) {
    CAPTURE(count);
    const Codes reference = weight_codes(10'000, 21);
    options.thresholds.clear();
    for (std::size_t t = 0; t < count; ++t) options.thresholds.push_back(std::ldexp(1.0F, static_cast<int>(t) - 20));
    check_all_isas({Matrix::of_bf16(reference), Matrix::of_bf16(moved(reference, 22, 0.9, 3))}, {100, 100}, options);
  }
}

TEST_CASE("any number of threads, any access and any offset give the same bits") {
  const Shape shape{2500, 1111};
  const Codes reference = weight_codes(2500 * 1111, 31);
  const std::vector<Matrix> matrices = {Matrix::of_bf16(reference), Matrix::of_bf16(moved(reference, 32, 0.7, 2)),
                                        Matrix::of_bf16(moved(reference, 33, 0.2, 40))};
  for (const Isa isa : available_isas()) {
    RunOptions options;
    options.isa = isa;
    options.thresholds = kFourThresholds;
    options.threads = 1;
    const ElementPassResult one = run_elements(matrices, shape, options);
    for (const int threads : {1, 2, 3, 7}) {
      options.threads = threads;
      options.access = threads == 2 ? Access::kRead : Access::kMap;
      options.offset = static_cast<std::uint64_t>(threads - 1);
      const ElementPassResult many = run_elements(matrices, shape, options);
      CHECK(many.update_dots == one.update_dots);
      for (std::size_t i = 0; i < 2; ++i) {
        CHECK(many.pairs[i].sum_sq_reference == one.pairs[i].sum_sq_reference);
        CHECK(many.pairs[i].sum_sq_variant == one.pairs[i].sum_sq_variant);
        CHECK(many.pairs[i].sum_sq_update == one.pairs[i].sum_sq_update);
        CHECK(many.pairs[i].dot_reference_update == one.pairs[i].dot_reference_update);
        CHECK(many.pairs[i].sum_sq_ulp == one.pairs[i].sum_sq_ulp);
        CHECK(many.pairs[i].within == one.pairs[i].within);
        CHECK((many.pairs[i].steps == one.pairs[i].steps));
        CHECK((many.pairs[i].row_changed == one.pairs[i].row_changed));
        CHECK((many.pairs[i].col_changed == one.pairs[i].col_changed));
      }
      CHECK((many.overlaps == one.overlaps));
      CHECK((many.consensus == one.consensus));
    }
  }
}
