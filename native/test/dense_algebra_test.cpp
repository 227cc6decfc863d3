#include <cmath>
#include <limits>

#include "dense_reference.h"
#include "matrix_file.h"

namespace polarimeter {
namespace {

using testing::dense_of;
using testing::difference;
using testing::gaussian;
using testing::kEps;
using testing::largest;
using testing::Matrix;
using testing::matrix_of;
using testing::times;
using testing::transposed;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST_CASE("products of either orientation are the sums of products") {
  // More than one slice of the inner size, and nothing square.
  const Matrix a = gaussian(37, 1000, 1), b = gaussian(1000, 53, 2);
  const Matrix expected = times(a, b);
  for (const bool turn_a : {false, true}) {
    for (const bool turn_b : {false, true}) {
      const auto left = dense_of(turn_a ? transposed(a) : a), right = dense_of(turn_b ? transposed(b) : b);
      Control control;
      DenseMatrix::Shared product;
      REQUIRE(dense_multiply({*left, *right, turn_a, turn_b}, control, &product).ok());
      CHECK(largest(difference(matrix_of(*product), expected)) <= 1000 * 1000 * kEps);
      CHECK(control.done == std::uint64_t{2} * 37 * 1000 * 53);
    }
  }
}

TEST_CASE("products of empty matrices have the shape that they should") {
  Control control;
  DenseMatrix::Shared product;
  REQUIRE(dense_multiply({*dense_of(Matrix(3, 0)), *dense_of(Matrix(0, 2))}, control, &product).ok());
  CHECK(matrix_of(*product).values == std::vector<double>(6, 0.0));
  REQUIRE(dense_multiply({*dense_of(Matrix(0, 3)), *dense_of(gaussian(3, 2, 1))}, control, &product).ok());
  CHECK(product->rows() == 0);
  CHECK(product->cols() == 2);
}

TEST_CASE("shapes that do not fit are refused") {
  Control control;
  DenseMatrix::Shared out;
  const auto a = dense_of(gaussian(3, 4, 1)), b = dense_of(gaussian(3, 4, 2));
  double number = 0;
  CHECK(dense_multiply({*a, *b}, control, &out).code == Code::kInvalidArgument);
  CHECK(dense_add(*a, 1, *dense_of(Matrix(4, 3)), control).code == Code::kInvalidArgument);
  CHECK(dense_dot(*a, *dense_of(Matrix(4, 3)), control, &number).code == Code::kInvalidArgument);
  CHECK(dense_scale(*a, {1, 2, 3}, control).code == Code::kInvalidArgument);
  CHECK(dense_block(*a, {2, 2, 0, 4}, control, &out).code == Code::kInvalidArgument);
  CHECK(dense_block(*a, {0, -1, 0, 4}, control, &out).code == Code::kInvalidArgument);
  CHECK(dense_place(*a, 1, 0, *b, control).code == Code::kInvalidArgument);
  CHECK(DenseMatrix::make(-1, 1, &out).code == Code::kInvalidArgument);
  CHECK(DenseMatrix::make(std::int64_t{1} << 40, std::int64_t{1} << 40, &out).code == Code::kInvalidArgument);
  CHECK(DenseMatrix::make(std::int64_t{1} << 30, std::int64_t{1} << 30, &out).code == Code::kOutOfMemory);
  CHECK(!out);
}

TEST_CASE("sums, factors and parts are exact where float64 is") {
  Control control;
  const Matrix a = gaussian(5, 7, 1), b = gaussian(5, 7, 2);
  const auto changed = dense_of(a);
  REQUIRE(dense_add(*changed, -0.5, *dense_of(b), control).ok());
  REQUIRE(dense_scale(*changed, {2.0}, control).ok());
  REQUIRE(dense_scale(*changed, {1, 2, 3, 4, 5, 6, 7}, control).ok());
  for (std::int64_t i = 0; i < 5; ++i) {
    for (std::int64_t j = 0; j < 7; ++j) {
      CHECK(changed->row(i)[j] == (a(i, j) - 0.5 * b(i, j)) * 2 * static_cast<double>(j + 1));
    }
  }
  DenseMatrix::Shared part;
  REQUIRE(dense_block(*dense_of(a), {1, 3, 2, 4}, control, &part).ok());
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 0; j < 4; ++j) CHECK(part->row(i)[j] == a(i + 1, j + 2));
  }
  const auto target = dense_of(b);
  REQUIRE(dense_place(*target, 2, 3, *part, control).ok());
  for (std::int64_t i = 0; i < 5; ++i) {
    for (std::int64_t j = 0; j < 7; ++j) {
      CHECK(target->row(i)[j] == (i >= 2 && j >= 3 ? a(i - 1, j - 1) : b(i, j)));
    }
  }
}

TEST_CASE("a norm neither overflows nor underflows before it has to") {
  const auto norm_of = [](std::vector<double> values) {
    Matrix a(1, static_cast<std::int64_t>(values.size()));
    a.values = std::move(values);
    Control control;
    double norm = 0;
    REQUIRE(dense_norm(*dense_of(a), control, &norm).ok());
    return norm;
  };
  CHECK(norm_of({3, 4}) == 5);
  CHECK(norm_of({3e300, -4e300}) == doctest::Approx(5e300).epsilon(1e-15));
  CHECK(norm_of({3e-300, 4e-300}) == doctest::Approx(5e-300).epsilon(1e-15));
  CHECK(norm_of({3 * 0x1p-1074, 4 * 0x1p-1074}) == 5 * 0x1p-1074);
  CHECK(norm_of({0, 0}) == 0);
  CHECK(norm_of({}) == 0);
  CHECK(norm_of({1, -kInfinity}) == kInfinity);
  CHECK(std::isnan(norm_of({1, std::nan(""), kInfinity})));
  CHECK(std::isnan(norm_of({1e300, 1e300, std::nan("")})));
  const Matrix a = gaussian(300, 1001, 1);
  CHECK(norm_of(a.values) == doctest::Approx(testing::norm(a.values)).epsilon(1e-13));
}

TEST_CASE("an inner product is the sum over all elements") {
  const Matrix a = gaussian(333, 1001, 1), b = gaussian(333, 1001, 2);
  double expected = 0, got = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) expected += a.values[i] * b.values[i];
  Control control;
  REQUIRE(dense_dot(*dense_of(a), *dense_of(b), control, &got).ok());
  CHECK(std::abs(got - expected) <= 333 * 1001 * kEps * 600);
}

TEST_CASE("a tensor is read exactly, and seen again as one") {
  Matrix a = gaussian(200, 777, 1);
  a(3, 4) = std::nan("");
  a(5, 6) = -kInfinity;
  for (const DType dtype : {DType::kF64, DType::kF32, DType::kBF16}) {
    for (const Access access : {Access::kMap, Access::kRead}) {
      const testing::MatrixFile file(a, dtype, access);
      Control control;
      DenseMatrix::Shared read;
      REQUIRE(dense_read(file.view(), control, &read).ok());
      const Matrix stored = testing::stored_as(a, dtype);
      std::int64_t wrong = 0;
      for (std::int64_t i = 0; i < read->elements(); ++i) {
        const double expected = stored.values[static_cast<std::size_t>(i)], got = read->data()[i];
        wrong += got == expected || (std::isnan(got) && std::isnan(expected)) ? 0 : 1;
      }
      CHECK(wrong == 0);
    }
  }
  const TensorView view = dense_view(dense_of(a));
  REQUIRE(view.validate().ok());
  double value = 0;
  const std::byte* bytes = nullptr;
  REQUIRE(view.read(777 + 2, 1, reinterpret_cast<std::byte*>(&value), &bytes).ok());
  CHECK(value == a(1, 2));
}

TEST_CASE("a file that changes is said to have changed") {
  const Matrix a = gaussian(64, 64, 1);
  Control control;
  DenseMatrix::Shared read;
  const testing::MatrixFile cut(a, DType::kF32);
  REQUIRE(cut.file().resize(100));
  CHECK(dense_read(cut.view(), control, &read).code == Code::kFileChanged);
  CHECK(!read);
}

TEST_CASE("nothing begins after a cancellation") {
  Control control;
  control.cancelled = true;
  const auto a = dense_of(gaussian(8, 8, 1));
  const Matrix before = matrix_of(*a);
  DenseMatrix::Shared out;
  double number = 0;
  CHECK(dense_zeros(8, 8, control, &out).code == Code::kCancelled);
  CHECK(dense_normal(8, 8, 1, control, &out).code == Code::kCancelled);
  CHECK(dense_hadamard(8, 1, control, &out).code == Code::kCancelled);
  CHECK(dense_haar(8, 1, control, &out).code == Code::kCancelled);
  CHECK(dense_block(*a, {0, 8, 0, 8}, control, &out).code == Code::kCancelled);
  CHECK(dense_multiply({*a, *a}, control, &out).code == Code::kCancelled);
  CHECK(dense_add(*a, 1, *a, control).code == Code::kCancelled);
  CHECK(dense_scale(*a, {2.0}, control).code == Code::kCancelled);
  CHECK(dense_norm(*a, control, &number).code == Code::kCancelled);
  CHECK(dense_dot(*a, *a, control, &number).code == Code::kCancelled);
  CHECK(dense_polar(a, control, &out).code == Code::kCancelled);
  CHECK(!out);
  CHECK(matrix_of(*a).values == before.values);
}

}  // namespace
}  // namespace polarimeter
