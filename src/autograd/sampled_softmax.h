// The loss of a classifier with very many classes against a few that are drawn for each batch (Jean et al. 2015), as
// TensorFlow's sampled_softmax_loss computes it. Classes are numbered by descending frequency.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "autograd/tape.h"
#include "base/philox.h"

namespace recur {

// Different classes of [0, total), drawn one after the other from p(c) = log((c + 2) / (c + 1)) / log(total + 1), which
// is near Zipf's law; those drawn before are drawn again.
struct ClassSample {
  std::span<const int> classes;
  std::size_t total = 0;
  std::uint64_t draws = 0;  // until there were so many different ones

  static double probability(std::size_t c, std::size_t total) {
    const auto rank = static_cast<double>(c);
    return std::log1p(1 / (rank + 1)) / std::log1p(static_cast<double>(total));
  }
  // The logarithm of the probability that so many draws have c among them.
  double log_expected(std::size_t c) const {
    return std::log(-std::expm1(static_cast<double>(draws) * std::log1p(-probability(c, total))));
  }
};

// `count` classes, fewer than `total`; the memory is the tape's. Draws blocks of `random` from `position` on.
ClassSample sample_classes(Tape& tape, std::size_t total, std::size_t count, const Random& random,
                           std::uint64_t position);

// The sum over rows of -log softmax(logits)[target] in nats, where a row's logits are those of x W^T + b [rows, total]
// for its target and for the sampled classes that are not its target, each minus the logarithm of how often it is to be
// expected. The gradient that flows back is that of the sum times `gradient_scale`; it reaches only the rows of W of
// the batch's targets and of the sample. `targets` must outlive the tape's contents.
double sampled_cross_entropy(Tape& tape, Var x, const Parameter& weight, const Parameter& bias,
                             std::span<const int> targets, const ClassSample& sample, float gradient_scale);

}  // namespace recur
