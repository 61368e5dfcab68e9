#include "measures/rank_correlation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace recur {
namespace {

// Ranks from 1, minus their mean.
std::vector<double> centred_ranks(std::span<const double> numbers) {
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return numbers[i]; });
  std::vector<double> ranks(numbers.size());
  const double mean = (static_cast<double>(numbers.size()) + 1) / 2;
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && numbers[order[last]] == numbers[order[first]]) ++last;
    const double rank = static_cast<double>(first + 1 + last) / 2;  // of first + 1 to last
    for (std::size_t i = first; i < last; ++i) ranks[order[i]] = rank - mean;
  }
  return ranks;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  const std::vector<double> x = centred_ranks(a), y = centred_ranks(b);
  const double scale = std::sqrt(product(x, x) * product(y, y));
  return scale > 0 ? product(x, y) / scale : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace recur
