#include <array>
#include <cmath>

#include "cpu/normal_quantile.h"
#include "cpu/philox.h"
#include "dense_reference.h"

namespace polarimeter {
namespace {

using testing::kEps;
using testing::Matrix;
using testing::matrix_of;
using testing::off_orthonormal;

using Words = std::array<std::uint32_t, 4>;

TEST_CASE("Philox gives the published numbers") {
  // Known answers of Random123, philox4x32 with 10 rounds.
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("quantiles of the normal distribution are those of 40 digits") {
  // mpmath 1.3: the root of erfc(-x / sqrt 2) / 2 = p.
  const std::array<std::pair<double, double>, 15> expected = {{{0x1p-2, -0.6744897501960817432},
                                                               {0x1p-3, -1.1503493803760081783},
                                                               {0x1p-4, -1.5341205443525463117},
                                                               {0x1p-5, -1.8627318674216514555},
                                                               {0x1p-6, -2.153874694061456213},
                                                               {0x1p-10, -3.0972690781987844624},
                                                               {0x1p-20, -4.763001034267813957},
                                                               {0x1p-36, -6.6510353798930105467},
                                                               {0x1p-37, -6.7523004314070149646},
                                                               {0x1p-40, -7.0477002566644087254},
                                                               {0x1p-53, -8.2095361516013868556},
                                                               {0x1p-64, -9.0801551248736126692},
                                                               {5.0 / 16, -0.48877641111466949891},
                                                               {7.0 / 16, -0.15731068461017069552},
                                                               {19.0 / 256, -1.4450725798180744226}}};
  for (const auto& [p, x] : expected) {
    INFO(p);
    CHECK(std::abs(lower_normal_quantile(p) - x) <= 8 * kEps * std::abs(x));
  }
  CHECK(lower_normal_quantile(0.5) == 0);
  CHECK(normal_of_bits(1) == -normal_of_bits(0));
  CHECK(std::isfinite(normal_of_bits(0)));
  CHECK(normal_of_bits(~std::uint64_t{0}) <= 0);
}

TEST_CASE("normal numbers are the same everywhere, and depend on seed and place alone") {
  Control control;
  DenseMatrix::Shared narrow, wide, other;
  REQUIRE(dense_normal(9, 3, 42, control, &narrow).ok());
  REQUIRE(dense_normal(1, 27, 42, control, &wide).ok());
  REQUIRE(dense_normal(1, 27, 43, control, &other).ok());
  int same = 0;
  for (int i = 0; i < 27; ++i) {
    CHECK(narrow->data()[i] == wide->data()[i]);
    same += other->data()[i] == wide->data()[i] ? 1 : 0;
  }
  CHECK(same == 0);
  // Bit by bit: what this machine gave, from the formula of the words of a counter.
  const auto words = random_pair(3, 42);
  CHECK(wide->data()[6] == normal_of_bits(words[0]));
  CHECK(wide->data()[7] == normal_of_bits(words[1]));
}

TEST_CASE("normal numbers are distributed as such") {
  Control control;
  DenseMatrix::Shared made;
  constexpr std::int64_t kCount = 1 << 20;
  REQUIRE(dense_normal(1, kCount, 5, control, &made).ok());
  std::array<double, 5> moments{};
  double neighbours = 0;
  std::int64_t beyond = 0;
  for (std::int64_t i = 0; i < kCount; ++i) {
    const double z = made->data()[i];
    double power = 1;
    for (double& moment : moments) moment += (power *= z);
    if (i > 0) neighbours += z * made->data()[i - 1];
    beyond += std::abs(z) > 3 ? 1 : 0;
  }
  // Five standard deviations of the mean of z^k, whose variance is E z^2k - (E z^k)^2.
  const std::array<double, 5> mean = {0, 1, 0, 3, 0}, variance = {1, 2, 15, 96, 945};
  const double n = static_cast<double>(kCount);
  for (std::size_t k = 0; k < moments.size(); ++k) {
    CHECK(std::abs(moments[k] / n - mean[k]) <= 5 * std::sqrt(variance[k] / n));
  }
  CHECK(std::abs(neighbours) <= 5 * std::sqrt(n));
  const double tail = 0.0026997960632601866;
  CHECK(std::abs(static_cast<double>(beyond) - n * tail) <= 5 * std::sqrt(n * tail));
}

TEST_CASE("a Haar matrix is the orthonormal factor of the normal one, with positive diagonal") {
  Control control;
  DenseMatrix::Shared q, normal;
  for (const std::int64_t size : {1, 2, 45}) {
    REQUIRE(dense_haar(size, 17, control, &q).ok());
    REQUIRE(dense_normal(size, size, 17, control, &normal).ok());
    CHECK(off_orthonormal(matrix_of(*q)) <= 64 * kEps);
    const Matrix r = testing::times(testing::transposed(matrix_of(*q)), matrix_of(*normal));
    for (std::int64_t i = 0; i < size; ++i) {
      CHECK(r(i, i) > 0);
      for (std::int64_t j = 0; j < i; ++j) CHECK(std::abs(r(i, j)) <= 64 * static_cast<double>(size) * kEps);
    }
  }
  REQUIRE(dense_haar(0, 17, control, &q).ok());
  CHECK(q->elements() == 0);
}

TEST_CASE("a Hadamard matrix is orthonormal, of one magnitude, and its columns have both signs") {
  Control control;
  DenseMatrix::Shared made, other;
  for (const std::int64_t size : {1, 2, 64}) {
    REQUIRE(dense_hadamard(size, 3, control, &made).ok());
    CHECK(off_orthonormal(matrix_of(*made)) <= 64 * kEps);
    for (std::int64_t i = 0; i < made->elements(); ++i) {
      CHECK(std::abs(made->data()[i]) == 1 / std::sqrt(static_cast<double>(size)));
    }
  }
  // Row 0 of Sylvester's matrix is all ones: what it has is the signs.
  int negative = 0;
  for (std::int64_t j = 0; j < 64; ++j) negative += made->data()[j] < 0 ? 1 : 0;
  CHECK(negative > 12);
  CHECK(negative < 52);
  REQUIRE(dense_hadamard(64, 4, control, &other).ok());
  CHECK(matrix_of(*made).values != matrix_of(*other).values);
  for (const std::int64_t size : {0, 3, -4, 48}) {
    CHECK(dense_hadamard(size, 3, control, &made).code == Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace polarimeter
