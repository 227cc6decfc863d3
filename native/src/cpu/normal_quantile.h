#pragma once

#include <cstdint>

namespace polarimeter {

/// A standard normal number from 64 random bits: one for the sign, 63 for the probability. Uses additions,
/// multiplications, divisions and square roots of float64 alone, so that it is the same everywhere.
/// from  Wichura, Applied Statistics 37 (1988), algorithm AS241, PPND16
double normal_of_bits(std::uint64_t bits);

/// The quantile of the standard normal distribution for 0 < p <= 1/2: not positive.
double lower_normal_quantile(double p);

}  // namespace polarimeter
