// The focal loss (Lin et al. 2017): (1 - p)^focal * -log p, p being the probability of what is right.
#pragma once

#include <cstddef>

namespace recur {

// Its gradient by the logits that p comes from is that of nats = -log p times this; focal above 0.
double focal_share(double nats, double focal);

// Adds to d the gradients by the logits of the focal losses of sigmoid(logits), times `scale`; each of `right` is 0 or
// 1.
void focal_loss_backward(std::size_t count, const float* logits, const float* right, float focal, float scale,
                         float* d);

}  // namespace recur
