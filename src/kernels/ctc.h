// Connectionist temporal classification (Graves, Fernandez, Gomez & Schmidhuber 2006): how probable a target is when
// each frame gives probabilities of its tokens and of a blank. A path has one output a frame; it writes what is left of
// it once runs of equal outputs have become one and blanks are gone. The target's probability is the sum over all paths
// that write it.
#pragma once

#include <cstddef>
#include <span>

#include "base/arena.h"
#include "kernels/product.h"
#include "recur/types/steps.h"

namespace recur {

struct CtcProblem {
  ConstMatrix logits;  // [total, outputs], rows as in `steps`
  const Steps* steps = nullptr;
  std::span<const std::span<const int>> targets;  // of each sequence; may be empty
  int blank = 0;                                  // an output that is in no target
};

// The frames that a target takes at least: one a token, and a blank between two that are the same.
std::size_t ctc_frames(std::span<const int> target);

// Of each sequence the loss -log p(target) in nats, to losses [batch]: infinite where it has fewer frames than the
// target takes. Unless it is null, gradient [total, outputs] becomes that of the sum of all finite losses times
// `scale`, with respect to the logits: the probability of each output less the share of the target's paths that go
// through it.
//
// Probabilities are kept as floats with exponents of their own, so that none is too small, however long or improbable
// the path: a loss is within 1e-6 of itself, and all sums go the same way whatever the number of threads.
void ctc(const CtcProblem& problem, float scale, std::span<double> losses, float* gradient, Arena& scratch);

}  // namespace recur
