// Numbers that are drawn from normal distributions, and pixels that are probabilities, element by element.
#pragma once

#include <cstddef>

namespace recur {

// z = mean + exp(log_deviation) * noise. Returns the Kullback-Leibler divergence of these `count` distributions from
// the standard normal one, (mean^2 + deviation^2 - 1) / 2 - log_deviation each, in nats.
double draw_normal_numbers(std::size_t count, const float* mean, const float* log_deviation, const float* noise,
                           float* z);
// Adds to the gradients of both: what comes from that of z, and that of the divergence times `scale`.
void draw_normal_numbers_backward(std::size_t count, const float* mean, const float* log_deviation, const float* noise,
                                  const float* d_z, float scale, float* d_mean, float* d_log_deviation);

// The cross-entropy of sigmoid(logits) with the probabilities p, in nats.
double bernoulli_loss(std::size_t count, const float* logits, const float* p);
// d += scale (sigmoid(logits) - p)
void bernoulli_loss_backward(std::size_t count, const float* logits, const float* p, float scale, float* d);

// to = sigmoid(logits)
void sigmoids(std::size_t count, const float* logits, float* to);

// to = x - sigmoid(logits), and from the gradient of `to` that of the logits, added.
void subtract_sigmoids(std::size_t count, const float* x, const float* logits, float* to);
void subtract_sigmoids_backward(std::size_t count, const float* logits, const float* d, float* d_logits);

}  // namespace recur
