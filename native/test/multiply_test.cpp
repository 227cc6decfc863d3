#include "cpu/multiply.h"

#include <doctest/doctest.h>

#include <cmath>

#include "planted_matrix.h"

namespace polarimeter {
namespace {

using testing::kEps;

const Blas& library() {
  const Blas* found = nullptr;
  REQUIRE(blas(&found).ok());
  return *found;
}

/// Sums of `inner` products of normal numbers in two orders, each within inner eps / 2 of the sum of their magnitudes,
/// which is near 2 / pi inner and always below inner here.
void check_same(const std::vector<double>& a, const std::vector<double>& b, int inner) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  CHECK(worst <= kEps * inner * inner);
}

TEST_CASE("a product in stripes is the product, and counts its operations") {
  // Three stripes: 2e9 operations are 500 columns of this product.
  constexpr int kRows = 2000, kColumns = 1100, kInner = 1000;
  const testing::Matrix a = testing::gaussian(kInner, kRows, 1), b = testing::gaussian(kColumns, kInner, 2);
  for (const char trans_b : {'N', 'T'}) {
    const int ldb = trans_b == 'N' ? kInner : kColumns;
    std::vector<double> striped(std::size_t{kRows} * kColumns, 1), whole = striped;
    Control control;
    const Product product{'N',   trans_b,         kRows, kColumns, kInner,         -1,   a.values.data(),
                          kRows, b.values.data(), ldb,   1,        striped.data(), kRows};
    REQUIRE(multiply(library(), product, control).ok());
    library().gemm('N', trans_b, kRows, kColumns, kInner, -1, a.values.data(), kRows, b.values.data(), ldb, 1,
                   whole.data(), kRows);
    check_same(striped, whole, kInner);
    CHECK(control.done == std::uint64_t{2} * kRows * kColumns * kInner);
  }
}

TEST_CASE("a Gram matrix in stripes and slices is the lower triangle of A A^T or A^T A") {
  constexpr int kSize = 2700, kInner = 900, kLd = 2704;
  const testing::Matrix a = testing::gaussian(kInner, kSize, 1);
  for (const char trans : {'N', 'T'}) {
    const int lda = trans == 'N' ? kSize : kInner;
    std::vector<double> striped(std::size_t{kLd} * kSize, 1), whole = striped;
    Control control;
    const Product square{
        .trans_a = trans, .n = kSize, .k = kInner, .a = a.values.data(), .lda = lda, .c = striped.data(), .ldc = kLd};
    REQUIRE(add_gram(library(), square, control).ok());
    library().syrk(trans, kSize, kInner, a.values.data(), lda, whole.data(), kLd);
    for (int j = 0; j < kSize; ++j) {
      // What lies above the diagonal belongs to nobody.
      for (int i = 0; i < j; ++i) striped[static_cast<std::size_t>(j) * kLd + static_cast<std::size_t>(i)] = 1;
    }
    check_same(striped, whole, kInner);
    CHECK(control.done == std::uint64_t{kSize} * kSize * kInner);
  }
}

TEST_CASE("a cancelled product stops after one stripe") {
  constexpr int kSize = 1400;
  const testing::Matrix a = testing::gaussian(kSize, kSize, 1);
  std::vector<double> c(std::size_t{kSize} * kSize);
  Control control;
  control.cancelled = true;
  const Product product{'N',   'N', kSize,    kSize, kSize, 1, a.values.data(), kSize, a.values.data(),
                        kSize, 0,   c.data(), kSize};
  CHECK(multiply(library(), product, control).code == Code::kCancelled);
  CHECK(c.back() == 0);
  CHECK(c.front() != 0);
}

}  // namespace
}  // namespace polarimeter
