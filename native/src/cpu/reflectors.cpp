#include "cpu/reflectors.h"

#include <algorithm>
#include <cstddef>

#include "cpu/advance.h"
#include "cpu/multiply.h"

namespace polarimeter {

Status apply_reflectors(const Blas& blas, char trans, const Reflectors& q, const Columns& c, Control& control) {
  if (c.count == 0) return Status::Ok();
  const double flops_per_column = std::max(1.0, 4.0 * q.rows * q.count);
  const int width = std::min(c.count, static_cast<int>(std::clamp(kStepFlops / flops_per_column, 64.0, 4096.0)));
  std::vector<double> factor(kPanel * kPanel), work(static_cast<std::size_t>(width) * kPanel);
  blas.larft(q.rows, q.count, q.panel, q.ld, q.tau, factor.data());
  for (int j = 0; j < c.count; j += width) {
    const int columns = std::min(width, c.count - j);
    double* stripe = c.data + static_cast<std::ptrdiff_t>(j) * c.ld;
    blas.larfb(trans, q.rows, columns, q.count, q.panel, q.ld, factor.data(), stripe, c.ld, work.data());
    Status status = advance(control, flops_per_column * columns);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace polarimeter
