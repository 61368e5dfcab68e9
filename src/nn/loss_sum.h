// The loss of some predictions, in nats, summed.
#pragma once

#include <cstdint>

namespace recur {

struct LossSum {
  double nats = 0;
  std::uint64_t predictions = 0;

  double mean() const { return predictions == 0 ? 0 : nats / static_cast<double>(predictions); }
  LossSum& operator+=(const LossSum& other) {
    nats += other.nats;
    predictions += other.predictions;
    return *this;
  }
};

}  // namespace recur
