#include "train/word_sampler.h"

#include <cmath>
#include <numeric>

namespace recur {

// Vose's way (1991): a box that a word does not fill is filled up by one that has more than a box.
WordSampler::WordSampler(std::span<const std::uint64_t> counts, double power) : boxes_(counts.size()) {
  std::vector<double> left(counts.size());  // of each word, in boxes
  for (std::size_t w = 0; w < counts.size(); ++w) left[w] = std::pow(static_cast<double>(counts[w]), power);
  const double scale = static_cast<double>(counts.size()) / std::accumulate(left.begin(), left.end(), 0.0);
  std::vector<std::size_t> small, large;
  for (std::size_t w = 0; w < counts.size(); ++w) {
    left[w] *= scale;
    (left[w] < 1 ? small : large).push_back(w);
  }
  while (!small.empty() && !large.empty()) {
    const std::size_t w = small.back(), other = large.back();
    small.pop_back();
    boxes_[w] = {static_cast<std::uint64_t>(left[w] * 0x1p32), static_cast<int>(w), static_cast<int>(other)};
    left[other] -= 1 - left[w];
    if (left[other] >= 1) continue;
    large.pop_back();
    small.push_back(other);
  }
  // Full but for rounding.
  for (const std::vector<std::size_t>* full : {&small, &large}) {
    for (const std::size_t w : *full) boxes_[w] = {std::uint64_t{1} << 32, static_cast<int>(w), static_cast<int>(w)};
  }
}

}  // namespace recur
