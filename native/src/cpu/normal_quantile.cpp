#include "cpu/normal_quantile.h"

#include <array>
#include <bit>
#include <cmath>

namespace polarimeter {
namespace {

using Coefficients = std::array<double, 8>;

// Highest power first.
constexpr Coefficients kCentralAbove = {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853,
                                        45921.953931549871457, 13731.693765509461125, 1971.5909503065514427,
                                        133.14166789178437745, 3.387132872796366608};
constexpr Coefficients kCentralBelow = {
    5226.495278852545925,  28729.085735721942674, 39307.89580009271061,  21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083,  42.313330701600911252, 1};
constexpr Coefficients kMiddleAbove = {7.7454501427834140764e-4, .0227238449892691845833, .24178072517745061177,
                                       1.27045825245236838258,   3.64784832476320460504,  5.7694972214606914055,
                                       4.6303378461565452959,    1.42343711074968357734};
constexpr Coefficients kMiddleBelow = {
    1.05075007164441684324e-9, 5.475938084995344946e-4, .0151986665636164571966, .14810397642748007459,
    .68976733498510000455,     1.6763848301838038494,   2.05319162663775882187,  1};
constexpr Coefficients kFarAbove = {2.01033439929228813265e-7, 2.71155556874348757815e-5, .0012426609473880784386,
                                    .026532189526576123093,    .29656057182850489123,     1.7848265399172913358,
                                    5.4637849111641143699,     6.6579046435011037772};
constexpr Coefficients kFarBelow = {
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    .0148753612908506148525,    .13692988092273580531,    .59983220655588793769,    1};

double ratio(const Coefficients& above, const Coefficients& below, double x) {
  double numerator = above[0], denominator = below[0];
  for (std::size_t i = 1; i < above.size(); ++i) {
    numerator = numerator * x + above[i];
    denominator = denominator * x + below[i];
  }
  return numerator / denominator;
}

/// log x of a positive normal number, within 2 ulp: x = 2^e m, m within a factor sqrt 2 of 1, and the series of
/// log m = 2 artanh((m - 1) / (m + 1)). The library's logarithm differs between machines in the last bit.
double portable_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<int>(bits >> 52U) - 1023;
  double m = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFU) | 0x3FF0000000000000U);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double s = (m - 1) / (m + 1), z = s * s;
  // z is at most 0.0295: the first term left out is below 2^-57 of the sum.
  double series = 0;
  for (int k = 21; k >= 1; k -= 2) series = series * z + 1.0 / k;
  // log 2 in two parts, the first of which times an exponent is exact.
  return exponent * 6.93147180369123816490e-01 + (2 * s * series + exponent * 1.90821492927058770002e-10);
}

}  // namespace

double lower_normal_quantile(double p) {
  const double q = p - 0.5;
  if (q >= -0.425) return q * ratio(kCentralAbove, kCentralBelow, 0.180625 - q * q);
  const double r = std::sqrt(-portable_log(p));
  return r <= 5 ? -ratio(kMiddleAbove, kMiddleBelow, r - 1.6) : -ratio(kFarAbove, kFarBelow, r - 5);
}

double normal_of_bits(std::uint64_t bits) {
  const double p = (static_cast<double>(bits >> 1U) + 0.5) * 0x1p-64;
  const double z = lower_normal_quantile(p);
  return (bits & 1U) != 0 ? z : -z;
}

}  // namespace polarimeter
