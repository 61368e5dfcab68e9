// The loss of an RNN transducer (kernels/transducer.h) on the tape: the layer where both networks meet, the output
// layer and the sum over all paths, in one node.
#pragma once

#include <cstddef>
#include <span>

#include "autograd/tape.h"
#include "recur/types/steps.h"

namespace recur {

struct TransducerInput {
  Var encoded;  // [total, joint], rows as in `steps`
  const Steps& steps;
  Var read;  // [total, joint], rows as in `read_steps`: of the targets, each one longer than it has tokens
  const Steps& read_steps;
  std::span<const std::size_t> read_row;  // of each sequence: which row of `read_steps` its target is
  std::span<const std::span<const int>> targets;
};

// The sum over sequences of -log p(target), in nats; weight [outputs, joint], bias [outputs]. The gradient that flows
// back is that of the sum times `gradient_scale`.
double transducer_loss(Tape& tape, const TransducerInput& input, const Parameter& weight, const Parameter& bias,
                       int blank, float gradient_scale);

}  // namespace recur
