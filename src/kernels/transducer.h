// The loss of an RNN transducer (Graves 2012, Graves, Mohamed & Hinton 2013): how probable a target y_1 .. y_U is when
// at each of T steps and after each beginning of the target, of u tokens, there are probabilities of the next token and
// of the blank, which goes on to the next step. A path writes any number of tokens at a step; the target's probability
// is the sum over all paths that write it.
//
//   h(t, u) = tanh(encoded(t) + read(u))       p(. | t, u) = softmax(W h(t, u) + b)
//   alpha(t, u) = alpha(t - 1, u) p(blank | t - 1, u) + alpha(t, u - 1) p(y_u | t, u - 1)
//   beta(t, u) = beta(t + 1, u) p(blank | t, u) + beta(t, u + 1) p(y_u+1 | t, u)
//   p(y) = alpha(T, U) p(blank | T, U)
//
// The logits of a batch, T (U + 1) outputs of each sequence, would not fit anywhere: a few nodes (t, u) are computed at
// a time, and once more for the gradient.
#pragma once

#include <cstddef>
#include <span>

#include "base/arena.h"
#include "kernels/product.h"
#include "recur/types/steps.h"

namespace recur {

struct TransducerProblem {
  ConstMatrix encoded;                            // [total, joint], rows as in `steps`
  const Steps* steps = nullptr;                   // of the sequences that were read
  ConstMatrix read;                               // [total, joint], rows as in `read_steps`
  const Steps* read_steps = nullptr;              // of the targets, each one longer than it has tokens
  std::span<const std::size_t> read_row;          // of each sequence: which row its target is
  std::span<const std::span<const int>> targets;  // of each sequence; may be empty
  ConstMatrix weight;                             // [outputs, joint]
  const float* bias = nullptr;                    // [outputs]
  int blank = 0;                                  // an output that is in no target
};

// Where gradients go: `encoded` and `read` are overwritten, those of the weight and the bias are added to.
struct TransducerGradients {
  float *encoded, *read, *weight, *bias;
};

// Of each sequence the loss -log p(target) in nats, to losses [batch]; and unless it is null the gradient of the sum of
// all losses times `scale`. Paths are summed in double; all sums go the same way whatever the number of threads.
void transducer(const TransducerProblem& problem, float scale, std::span<double> losses,
                const TransducerGradients* gradients, Arena& scratch);

}  // namespace recur
