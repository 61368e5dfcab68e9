#include "measures/calibration_error.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace recur {

void CalibrationError::add(double probability, bool right) {
  const auto bin = static_cast<std::size_t>(probability * static_cast<double>(bins_.size()));
  Bin& own = bins_[std::min(bin, bins_.size() - 1)];
  ++own.count;
  own.right += right ? 1 : 0;
  own.probability += probability;
}

double CalibrationError::value() const {
  double sum = 0;
  std::uint64_t count = 0;
  for (const Bin& bin : bins_) {
    sum += std::abs(static_cast<double>(bin.right) - bin.probability);
    count += bin.count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace recur
