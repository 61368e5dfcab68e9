// What mixtures of distributions are made of.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace recur {

inline double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// log of the sum of exp
inline double log_sum(std::span<const double> x) {
  const double largest = std::ranges::max(x);
  double sum = 0;
  for (const double one : x) sum += std::exp(one - largest);
  return largest + std::log(sum);
}

// The one of softmax(logits) where a number drawn from [0, 1) falls.
inline std::size_t pick(std::span<const double> logits, double uniform) {
  const double all = log_sum(logits);
  std::size_t k = 0;
  for (; k + 1 < logits.size(); ++k) {
    uniform -= std::exp(logits[k] - all);
    if (uniform < 0) break;
  }
  return k;
}

}  // namespace recur
