// Sums of probabilities of which there are only the logarithms.
#pragma once

#include <cmath>
#include <limits>

namespace recur {

inline constexpr double kLogOfZero = -std::numeric_limits<double>::infinity();

// log(e^a + e^b); not a number where one of both is none.
inline double log_add(double a, double b) {
  if (a == kLogOfZero) return b;
  if (b == kLogOfZero) return a;
  return a > b ? a + std::log1p(std::exp(b - a)) : b + std::log1p(std::exp(a - b));
}

}  // namespace recur
