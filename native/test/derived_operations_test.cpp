#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <thread>

#include "derived_reference.h"

using namespace polarimeter;
using namespace polarimeter::testing;

namespace {

constexpr std::int64_t kRows = 300, kCols = 1024;

/// One view of every kind, of one shape.
class Views {
 public:
  explicit Views(Access access)
      : base_(stored_as(gaussian(kRows, kCols, 1), DType::kBF16), DType::kBF16, access),
        up_(gaussian(kRows, 9, 2), DType::kBF16, access),
        down_(gaussian(9, kCols, 3), DType::kF32, access),
        scale_(gaussian(3, 8, 4), DType::kF32, access),
        codes_(bytes(1).data(), bytes(1).size()),
        blocks_(bytes(2).data(), bytes(2).size()) {
    const std::shared_ptr<File> blocks = blocks_.open(access);
    TensorView eight, q8;
    add("8-bit floats", encoded_view({codes_.open(access), 0, Encoding::kF8E4M3, kRows, kCols}, &eight), eight);
    add("blocks", encoded_view({blocks, 0, Encoding::kQ8_0, kRows, kCols}, &q8), q8);
    TensorView scaled, adapted, turned, adapted_eight;
    add("scaled", scaled_view({eight, scale_.view(), 128, 128}, &scaled), scaled);
    add("low-rank", low_rank_view({base_.view(), up_.view(), down_.view(), 1e-3, false}, &adapted), adapted);
    add("strided", strided_view({base_.view(), 0, {{2, kRows / 2}, {kCols, 2 * kCols}}, {{kCols}, {1}}}, &turned),
        turned);
    add("low-rank over scaled", low_rank_view({scaled, up_.view(), down_.view(), 1e-3, false}, &adapted_eight),
        adapted_eight);
  }

  struct Named {
    std::string name;
    TensorView view;
  };
  const std::vector<Named>& all() const { return views_; }
  const TensorView& base() const { return base_.view(); }
  const MatrixFile& up() const { return up_; }

 private:
  /// Finite in either encoding: codes below 0x78, and a block's scale too.
  static std::vector<unsigned char> bytes(unsigned seed) {
    std::mt19937_64 random(seed);
    std::vector<unsigned char> made(static_cast<std::size_t>(kRows * kCols / 32 * 34));
    for (auto& byte : made) byte = static_cast<unsigned char>(random() % 0x78);
    return made;
  }
  void add(const char* name, const Status& status, const TensorView& view) {
    REQUIRE_MESSAGE(status.ok(), status.message);
    views_.push_back({name, view});
  }

  MatrixFile base_, up_, down_, scale_;
  ScratchFile codes_, blocks_;
  std::vector<Named> views_;
};

ElementPassResult pass(const TensorView& reference, const std::vector<TensorView>& variants, Isa isa, int threads) {
  Executor executor(threads);
  Control control;
  ElementPassResult result;
  const Status status =
      element_pass({reference, variants, {1e-4F, 1.0F}, true, false, isa}, executor, control, &result);
  CHECK_MESSAGE(status.ok(), status.message);
  return result;
}

bool same(const PairElements& a, const PairElements& b) {
  const auto numbers = [](const PairElements& p) {
    return std::array{p.sum_sq_reference,     p.sum_sq_variant, p.sum_sq_update,
                      p.dot_reference_update, p.max_abs_update, p.sum_sq_ulp};
  };
  return a.n == b.n && a.invalid == b.invalid && a.unchanged_bf16 == b.unchanged_bf16 &&
         a.unchanged_native == b.unchanged_native && a.within == b.within && numbers(a) == numbers(b) &&
         a.steps == b.steps && a.row_changed == b.row_changed && a.col_changed == b.col_changed;
}

Svd decomposed(const TensorView& w, const TensorView& minus) {
  Control control;
  Svd svd;
  const Status status = svd_gram_f64({w, minus, 3, 0}, control, &svd);
  CHECK_MESSAGE(status.ok(), status.message);
  return svd;
}

}  // namespace

TEST_CASE("an element pass over derived views has the bits of one over the same elements stored") {
  for (const Access access : {Access::kMap, Access::kRead}) {
    const Views views(access);
    for (const auto& [name, view] : views.all()) {
      CAPTURE(name);
      const MatrixFile plain = materialised(view);
      for (const Isa isa : {Isa::kScalar, best_isa()}) {
        const ElementPassResult derived = pass(views.base(), {view, views.base()}, isa, 3);
        const ElementPassResult stored = pass(views.base(), {plain.view(), views.base()}, isa, 1);
        CHECK(same(derived.pairs.at(0), stored.pairs.at(0)));
        CHECK(derived.update_dots == stored.update_dots);
        CHECK(derived.pairs.at(0).n + derived.pairs.at(0).invalid == kRows * kCols);
        CHECK(same(pass(view, {views.base()}, isa, 2).pairs.at(0),
                   pass(plain.view(), {views.base()}, isa, 2).pairs.at(0)));
      }
    }
  }
}

TEST_CASE("decompositions, energies, sums and histograms of derived views are those of the same elements stored") {
  const Views views(Access::kMap);
  Executor executor(2);
  for (const auto& [name, view] : views.all()) {
    CAPTURE(name);
    const MatrixFile plain = materialised(view);
    const Svd derived = decomposed(view, views.base()), stored = decomposed(plain.view(), views.base());
    CHECK(derived.sigma == stored.sigma);
    CHECK(derived.left_top.values == stored.left_top.values);
    CHECK(decomposed(views.base(), view).sigma == decomposed(views.base(), plain.view()).sigma);
    Control control;
    FrameEnergy derived_energy, stored_energy;
    REQUIRE(frame_energy(view, views.base(), derived.left_top, derived.right_top, control, &derived_energy).ok());
    REQUIRE(frame_energy(plain.view(), views.base(), stored.left_top, stored.right_top, control, &stored_energy).ok());
    CHECK(derived_energy.total == stored_energy.total);
    CHECK(derived_energy.two_sided == stored_energy.two_sided);
    ByteSum derived_sum, stored_sum;
    REQUIRE(byte_sum({view}, executor, control, &derived_sum).ok());
    REQUIRE(byte_sum({plain.view()}, executor, control, &stored_sum).ok());
    CHECK(derived_sum.sum == stored_sum.sum);
    CHECK(derived_sum.bytes == stored_sum.bytes);
    std::array<std::uint64_t, kExponents> derived_counts, stored_counts;
    REQUIRE(exponent_histogram(view, executor, control, &derived_counts).ok());
    REQUIRE(exponent_histogram(plain.view(), executor, control, &stored_counts).ok());
    CHECK(derived_counts == stored_counts);
  }
}

TEST_CASE("the content of an encoded view is its stored bytes; a view of several tensors has none of its own") {
  const Views views(Access::kMap);
  Executor executor(2);
  Control control;
  ContentHash hash, raw;
  for (const auto& [name, view] : views.all()) {
    CAPTURE(name);
    const bool encoded = view.depth() == 0;
    CHECK(content_hash(view, executor, control, &hash).code == (encoded ? Code::kOk : Code::kInvalidArgument));
    if (!encoded) continue;
    ByteRange stored;
    REQUIRE(view.stored_bytes(&stored).ok());
    const TensorView bytes{stored.file, stored.offset, DType::kBF16, 1, static_cast<std::int64_t>(stored.length / 2)};
    REQUIRE(content_hash(bytes, executor, control, &raw).ok());
    CHECK(hash.low == raw.low);
    CHECK(hash.high == raw.high);
  }
}

TEST_CASE("a change of any file behind a derived view is noticed") {
  for (const Access access : {Access::kMap, Access::kRead}) {
    const Views views(access);
    const TensorView view = views.all().back().view;
    CHECK(view.check_unchanged().ok());
    REQUIRE(views.up().file().age(60));
    CHECK(view.check_unchanged().code == Code::kFileChanged);
    Executor executor(2);
    Control control;
    ElementPassResult result;
    CHECK(element_pass({view, {views.base()}, {}, false, false, Isa::kScalar}, executor, control, &result).code ==
          Code::kFileChanged);
    Svd svd;
    CHECK(svd_gram_f64({view, {}, 1, 0}, control, &svd).code == Code::kFileChanged);
    CHECK(svd_gram_f64({views.base(), view, 1, 0}, control, &svd).code == Code::kFileChanged);
    std::array<std::uint64_t, kExponents> counts;
    CHECK(exponent_histogram(view, executor, control, &counts).code == Code::kFileChanged);
  }
}

TEST_CASE("a file that is cut short under a derived view ends in file-changed") {
  for (const Access access : {Access::kMap, Access::kRead}) {
    const Views views(access);
    const TensorView view = views.all()[3].view;
    REQUIRE(views.up().file().resize(10));
    Executor executor(2);
    Control control;
    ElementPassResult result;
    CHECK(element_pass({view, {views.base()}, {}, false, false, best_isa()}, executor, control, &result).code ==
          Code::kFileChanged);
    Svd svd;
    CHECK(svd_gram_f64({view, {}, 1, 0}, control, &svd).code == Code::kFileChanged);
  }
}

TEST_CASE("the bytes of a decomposition count what derived views hold") {
  const Views views(Access::kMap);
  const TensorView& low_rank = views.all()[3].view;
  CHECK(low_rank.held_bytes() == 8 * 9 * (kRows + kCols));
  const SvdRequest derived{low_rank, {}, 3, 0}, stored{views.base(), {}, 3, 0};
  CHECK(svd_gram_f64_bytes(derived) >= svd_gram_f64_bytes(stored) + low_rank.held_bytes());
  CHECK(svd_direct_f64_bytes(derived) >= svd_direct_f64_bytes(stored) + low_rank.held_bytes());
}

TEST_CASE("many threads may ask a derived view for its factors at once") {
  for (int round = 0; round < 20; ++round) {
    const Views views(Access::kRead);
    const TensorView& view = views.all()[3].view;
    std::vector<std::vector<double>> rows(6);
    std::vector<std::thread> threads;
    for (auto& row : rows) {
      threads.emplace_back([&] {
        std::vector<double> values(kCols);
        const std::byte* out = nullptr;
        if (view.read(kCols, kCols, reinterpret_cast<std::byte*>(values.data()), &out).ok()) row = values;
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& row : rows) CHECK(row == rows[0]);
    CHECK(rows[0].size() == kCols);
  }
}

TEST_CASE("tiles, step histograms and single weights of derived views are those of the same elements stored") {
  for (const Access access : {Access::kMap, Access::kRead}) {
    const Views views(access);
    Executor executor(2);
    Control control;
    for (const auto& [name, view] : views.all()) {
      CAPTURE(name);
      const MatrixFile plain = materialised(view);
      const auto pixels_of = [&](const TensorView& variant, std::int64_t col, int level) {
        ChangeTile tile;
        ChangeTileRequest request{views.base(), {variant}, 0, col, kRows, kCols - col, level};
        request.isa = best_isa();
        const Status status = change_tile(request, executor, control, &tile);
        CHECK_MESSAGE(status.ok(), status.message);
        return tile.pixels;
      };
      // From column 700 on, rows are read one by one.
      for (const std::int64_t col : {std::int64_t{0}, std::int64_t{700}}) {
        for (const int level : {0, 4, 20}) CHECK((pixels_of(view, col, level) == pixels_of(plain.view(), col, level)));
      }
      StepHistogram derived, stored;
      CHECK(step_histogram({views.base(), view, best_isa()}, executor, control, &derived).ok());
      CHECK(step_histogram({views.base(), plain.view(), best_isa()}, executor, control, &stored).ok());
      CHECK((derived.up == stored.up));
      CHECK((derived.down == stored.down));
      WeightsAt weights;
      CHECK(weights_at({views.base(), {view, plain.view()}, 123, 456}, control, &weights).ok());
      CHECK(weights.variants[0] == weights.variants[1]);
    }
  }
}
