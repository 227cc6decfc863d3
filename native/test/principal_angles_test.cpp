#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "planted_matrix.h"
#include "polarimeter/ops.h"

namespace polarimeter {
namespace {

using testing::kEps;
using testing::Matrix;

constexpr std::int64_t kDim = 160;
// Rounding of the planted bases and of the method, each a small multiple of eps for vectors of this length.
constexpr double kTolerance = 10 * kEps * 13;
constexpr double kDegree = std::numbers::pi / 180;

std::vector<double> angles_of(const Basis& a, const Basis& b) {
  Control control;
  std::vector<double> angles;
  const Status status = principal_angles(a, b, control, &angles);
  INFO(status.message);
  REQUIRE(status.ok());
  REQUIRE(angles.size() == static_cast<std::size_t>(std::min(a.count, b.count)));
  CHECK(std::is_sorted(angles.begin(), angles.end()));
  CHECK(control.done == control.total);
  return angles;
}

/// Orthonormal columns q_i cos(angle_i) + q_{k+i} sin(angle_i), mixed by a random rotation of the k columns.
Basis turned(const Matrix& q, const std::vector<double>& angles) {
  const auto k = static_cast<std::int64_t>(angles.size());
  Matrix columns(q.rows, k);
  for (std::int64_t j = 0; j < k; ++j) {
    const double angle = angles[static_cast<std::size_t>(j)];
    for (std::int64_t i = 0; i < q.rows; ++i) columns(i, j) = std::cos(angle) * q(i, j) + std::sin(angle) * q(i, k + j);
  }
  return testing::to_basis(testing::times(columns, testing::orthonormal(k, k, 77)), 0, k);
}

TEST_CASE("planted angles from 0 to 90 degrees are found, all at once") {
  const Matrix q = testing::orthonormal(kDim, 24, 1);
  const std::vector<double> planted{0,
                                    1e-14,
                                    1e-9,
                                    1e-3 * kDegree,
                                    0.1 * kDegree,
                                    1 * kDegree,
                                    30 * kDegree,
                                    44.9999 * kDegree,
                                    45.0001 * kDegree,
                                    60 * kDegree,
                                    89.999 * kDegree,
                                    90 * kDegree};
  const std::vector<double> found = angles_of(testing::to_basis(q, 0, 12), turned(q, planted));
  for (std::size_t i = 0; i < planted.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(found[i] - planted[i]) <= kTolerance);
  }
}

TEST_CASE("one angle at a time") {
  const Matrix q = testing::orthonormal(kDim, 8, 2);
  for (const double angle : {1e-9, 1e-3 * kDegree, 0.1, 0.1 * kDegree, 30 * kDegree, 89.999 * kDegree, 90 * kDegree}) {
    CAPTURE(angle);
    const std::vector<double> found = angles_of(testing::to_basis(q, 0, 4), turned(q, {0, 0, 0, angle}));
    CHECK(found[2] <= kTolerance);
    CHECK(std::abs(found[3] - angle) <= kTolerance);
  }
}

TEST_CASE("one subspace in two bases has angles of a few eps") {
  const Matrix q = testing::orthonormal(kDim, 20, 3);
  const Matrix mixed = testing::times(q, testing::orthonormal(20, 20, 4));
  CHECK(angles_of(testing::to_basis(q, 0, 20), testing::to_basis(mixed, 0, 20)).back() <= kTolerance);
  CHECK(angles_of(testing::to_basis(q, 0, 20), testing::to_basis(q, 0, 20)).back() <= 30 * kEps);
}

TEST_CASE("subspaces of different dimension, in either order, and the whole space") {
  const Matrix q = testing::orthonormal(40, 40, 5);
  const Basis wide = testing::to_basis(q, 0, 15), all = testing::to_basis(q, 0, 40);
  Matrix narrow(40, 3);
  const double angles[3] = {0.2, 0.7, 1.3};
  for (std::int64_t j = 0; j < 3; ++j) {
    for (std::int64_t i = 0; i < 40; ++i)
      narrow(i, j) = std::cos(angles[j]) * q(i, 2 * j) + std::sin(angles[j]) * q(i, 20 + j);
  }
  const Basis few = testing::to_basis(narrow, 0, 3);
  for (const std::vector<double>& found : {angles_of(wide, few), angles_of(few, wide)}) {
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(found[i] - angles[i]) <= kTolerance);
  }
  CHECK(angles_of(all, few).back() <= kTolerance);
}

TEST_CASE("two k-subspaces of fewer than 2k dimensions share directions") {
  const std::vector<double> found = angles_of(testing::to_basis(testing::orthonormal(20, 14, 6), 0, 14),
                                              testing::to_basis(testing::orthonormal(20, 14, 7), 0, 14));
  for (std::size_t i = 0; i < 8; ++i) CHECK(found[i] <= kTolerance);
  CHECK(found[8] > 1e-3);
}

TEST_CASE("empty subspaces have no angles") {
  const Basis some = testing::to_basis(testing::orthonormal(10, 3, 8), 0, 3), none{10, 0, {}};
  CHECK(angles_of(some, none).empty());
  CHECK(angles_of(none, none).empty());
}

TEST_CASE("bases that are none are refused") {
  const Basis good = testing::to_basis(testing::orthonormal(10, 3, 8), 0, 3);
  std::vector<double> angles;
  Control control;
  Basis bad = good;
  bad.values[4] = std::nan("");
  CHECK(principal_angles(good, bad, control, &angles).code == Code::kInvalidArgument);
  bad = good;
  for (double& x : bad.values) x *= 1.0001;
  CHECK(principal_angles(bad, good, control, &angles).code == Code::kInvalidArgument);
  bad = good;
  bad.values.pop_back();
  CHECK(principal_angles(good, bad, control, &angles).code == Code::kInvalidArgument);
  CHECK(principal_angles(good, Basis{9, 0, {}}, control, &angles).code == Code::kInvalidArgument);
  CHECK(principal_angles(Basis{2, 3, std::vector<double>(6)}, Basis{2, 0, {}}, control, &angles).code ==
        Code::kInvalidArgument);
  control.cancelled = true;
  CHECK(principal_angles(good, good, control, &angles).code == Code::kCancelled);
  CHECK(angles.empty());
}

}  // namespace
}  // namespace polarimeter
