#include "kernels/focal.h"

#include <algorithm>
#include <cmath>

namespace recur {

double focal_share(double nats, double focal) {
  const double wrong = -std::expm1(-nats);  // 1 - p
  if (wrong <= 0) return 0;
  return std::pow(wrong, focal) * (1 + focal * std::exp(-nats) * nats / wrong);
}

void focal_loss_backward(std::size_t count, const float* logits, const float* right, float focal, float scale,
                         float* d) {
  for (std::size_t i = 0; i < count; ++i) {
    const double sign = right[i] > 0 ? 1 : -1, logit = sign * static_cast<double>(logits[i]);
    const double nats = std::max(-logit, 0.0) + std::log1p(std::exp(-std::abs(logit)));
    const double plain = sign * std::expm1(-nats);  // sigmoid(logit) - right
    d[i] += static_cast<float>(static_cast<double>(scale) * focal_share(nats, static_cast<double>(focal)) * plain);
  }
}

}  // namespace recur
