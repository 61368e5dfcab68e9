// What coverage's penalty is of.
#pragma once

#include <span>
#include <vector>

#include "nn/attentive_layer.h"

namespace recur {

// The sum over rows, steps and positions of min(weight, sum of the weights of the steps before).
// Differences are taken on the side of each kink where the first call was: which of the two is smaller is decided
// there.
class LookedAgain {
 public:
  double of(const Alignments& alignments, const Steps& steps) {
    double sum = 0;
    std::size_t place = 0;
    for (std::size_t r = 0; r < steps.batch(); ++r) {
      std::vector<double> covered(alignments.of(r).size());
      for (std::size_t t = 0; t < steps.length_of(r); ++t) {
        const std::span<const float> weights = alignments.of(steps.offset(t) + r);
        for (std::size_t j = 0; j < covered.size(); ++j, ++place) {
          const auto weight = static_cast<double>(weights[j]);
          if (place == is_weight_.size()) is_weight_.push_back(weight <= covered[j]);
          sum += is_weight_[place] ? weight : covered[j];
          covered[j] += weight;
        }
      }
    }
    return sum;
  }

 private:
  std::vector<bool> is_weight_;
};

}  // namespace recur
