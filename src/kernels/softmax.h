// Softmax and its cross-entropy over one row of logits.
#pragma once

#include <span>

namespace recur {

// The loss -log softmax(logits)[target] in nats; replaces the logits by its gradient times `scale`:
// scale * (softmax(logits) - one_hot(target)). Not a number when the logits are not.
double softmax_cross_entropy(std::span<float> logits, int target, float scale);

// Replaces logits by their probabilities times `scale`; returns log(sum(exp(logits))).
double softmax(std::span<float> logits, float scale = 1);

// Replaces logits by the logarithms of their probabilities, however small these are.
void log_softmax(std::span<float> logits);

}  // namespace recur
