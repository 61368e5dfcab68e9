// A network's gradient against central differences of its loss, both in float, along random directions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/philox.h"

namespace recur {

// The smallest disagreement over four directions, relative to 1 plus the slope: float arithmetic allows about 1e-2. A
// step may cross a kink of a rectifier, but hardly in every direction; the longer of two may be too long where layer
// normalisation divides by next to nothing, as of inputs that are nearly all dropped. `loss()` is that of the values as
// they are.
template <class Loss>
double smallest_disagreement(std::span<float> values, const std::vector<float>& gradient, const Loss& loss) {
  const std::vector<float> start(values.begin(), values.end());
  double smallest = 1;
  for (std::uint32_t direction = 0; direction < 4; ++direction) {
    const Random random(11, RandomPurpose::test, direction);
    double slope = 0;
    for (std::size_t i = 0; i < start.size(); ++i) slope += static_cast<double>(gradient[i]) * random.normal(i);
    const auto loss_at = [&](float distance) {
      for (std::size_t i = 0; i < start.size(); ++i) values[i] = start[i] + distance * random.normal(i);
      return loss();
    };
    for (const float h : {5e-4F, 5e-5F}) {
      const double difference = (loss_at(h) - loss_at(-h)) / (2 * static_cast<double>(h));
      smallest = std::min(smallest, std::abs(slope - difference) / (std::abs(slope) + 1));
    }
  }
  std::ranges::copy(start, values.begin());
  return smallest;
}

}  // namespace recur
