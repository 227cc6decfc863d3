#include "cpu/long_side.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cpu/advance.h"
#include "cpu/multiply.h"

namespace polarimeter {
namespace {

// 32 MiB: 1024 rows at d = 4096, where dsyrk runs at its peak and a product still ends within a step.
constexpr std::int64_t kBlockElements = std::int64_t{1} << 22;
constexpr std::int64_t kShortestBlock = 64;

std::int64_t block_length(std::int64_t d, std::int64_t l) {
  return std::min(l, std::max(kShortestBlock, kBlockElements / std::max<std::int64_t>(1, d)));
}

Status no_memory() { return Status::Error(Code::kOutOfMemory, "Out of memory for a block of a matrix."); }

int narrow(std::int64_t size) { return static_cast<int>(size); }

/// |y - s x|^2
double squared_distance(const double* y, const double* x, double s, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double difference = y[i] - s * x[i];
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

std::int64_t LongSide::block_elements(std::int64_t d, std::int64_t l) { return d * block_length(d, l); }

LongSide::LongSide(const Blas& blas, const TensorView& w, const TensorView& minus, const Control& control)
    : blas_(blas),
      reader_(w, minus, control),
      d_(std::min(w.rows, w.cols)),
      l_(std::max(w.rows, w.cols)),
      count_(block_length(d_, l_)),
      tall_(w.rows >= w.cols) {}

Status LongSide::prepare() {
  Status status = reader_.validate();
  if (!status.ok()) return status;
  status = fits_blas({d_, l_});
  if (!status.ok()) return status;
  block_ = Workspace::allocate(block_elements(d_, l_));
  if (!block_) return no_memory();
  const std::int64_t whole_rows =
      tall_ ? count_ : std::max<std::int64_t>(1, d_ * count_ / std::max<std::int64_t>(1, l_));
  return reader_.choose_scale(whole_rows, block_.data());
}

/// Long indices [start, start + count) into the block: d x count column-major for a tall matrix, count x d for a wide
/// one.
Status LongSide::load(std::int64_t start, std::int64_t count, double* energy) {
  const Block rectangle = tall_ ? Block{start, count, 0, d_} : Block{0, d_, start, count};
  return reader_.read(rectangle, block_.data(), energy);
}

Status LongSide::gram(double* g, int ld, double* energy, Control& control) {
  for (std::int64_t start = 0; start < l_; start += count_) {
    const std::int64_t count = std::min(count_, l_ - start);
    Status status = load(start, count, energy);
    if (!status.ok()) return status;
    Product square{
        .trans_a = tall_ ? 'N' : 'T', .n = narrow(d_), .k = narrow(count), .a = block_.data(), .c = g, .ldc = ld};
    square.lda = narrow(tall_ ? d_ : count);
    status = add_gram(blas_, square, control);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

/// The loaded block, or its transpose, times k columns: short to long side when `forward`, long to short otherwise.
Product LongSide::on_block(bool forward, std::int64_t count, int k) const {
  const std::int64_t to = forward ? count : d_, from = forward ? d_ : count;
  Product product{
      .trans_a = forward == tall_ ? 'T' : 'N', .m = narrow(to), .n = k, .k = narrow(from), .a = block_.data()};
  product.lda = narrow(tall_ ? d_ : count);
  return product;
}

Status LongSide::apply(const double* v, int k, double* y, Control& control) {
  for (std::int64_t start = 0; start < l_; start += count_) {
    const std::int64_t count = std::min(count_, l_ - start);
    Status status = load(start, count, nullptr);
    if (!status.ok()) return status;
    Product forward = on_block(true, count, k);
    forward.b = v;
    forward.ldb = narrow(d_);
    forward.c = y + start;
    forward.ldc = narrow(l_);
    status = multiply(blas_, forward, control);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

/// Both products of the triplets with the loaded block: `forward` is A v on its long indices, `backward` grows by A^T
/// u.
Status LongSide::check_block(const SingularTriplets& t, std::int64_t start, std::int64_t count, Products products) {
  Product forward = on_block(true, count, t.k);
  forward.b = t.short_basis;
  forward.ldb = narrow(d_);
  forward.c = products.forward;
  forward.ldc = narrow(count);
  Status status = multiply(blas_, forward, products.control);
  if (!status.ok()) return status;
  Product backward = on_block(false, count, t.k);
  backward.b = t.long_basis + start;
  backward.ldb = narrow(l_);
  backward.beta = 1;
  backward.c = products.backward;
  backward.ldc = narrow(d_);
  return multiply(blas_, backward, products.control);
}

Status LongSide::residual(const SingularTriplets& t, double* largest, Control& control) {
  const std::size_t k = static_cast<std::size_t>(t.k);
  Workspace forward = Workspace::allocate(count_ * t.k), backward = Workspace::allocate(d_ * t.k);
  if (!forward || !backward) return no_memory();
  std::vector<double> squares(k);
  std::fill_n(backward.data(), d_ * t.k, 0.0);
  for (std::int64_t start = 0; start < l_; start += count_) {
    const std::int64_t count = std::min(count_, l_ - start);
    Status status = load(start, count, nullptr);
    if (!status.ok()) return status;
    status = check_block(t, start, count, {forward.data(), backward.data(), control});
    if (!status.ok()) return status;
    for (std::size_t i = 0; i < k; ++i) {
      const std::int64_t column = static_cast<std::int64_t>(i);
      const double* u = t.long_basis + column * l_ + start;
      squares[i] += squared_distance(forward.data() + column * count, u, t.sigma[i], count);
    }
  }
  *largest = 0;
  for (std::size_t i = 0; i < k; ++i) {
    const std::int64_t column = static_cast<std::int64_t>(i) * d_;
    const double back = squared_distance(backward.data() + column, t.short_basis + column, t.sigma[i], d_);
    *largest = std::max({*largest, std::sqrt(squares[i]), std::sqrt(back)});
  }
  return Status::Ok();
}

}  // namespace polarimeter
