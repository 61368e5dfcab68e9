// The loss of connectionist temporal classification (kernels/ctc.h) on the tape.
#pragma once

#include <cstdint>
#include <span>

#include "autograd/tape.h"
#include "recur/types/steps.h"

namespace recur {

struct CtcLoss {
  double nats = 0;            // the sum over sequences of -log p(target)
  std::uint64_t targets = 0;  // that fit: of a sequence of too few frames nothing is summed, and nothing flows back
};

// logits [total, outputs], rows as in `steps`; a target for each sequence, without `blank`. The gradient that flows
// back is that of the sum times `gradient_scale`.
CtcLoss ctc_loss(Tape& tape, Var logits, std::span<const std::span<const int>> targets, int blank, const Steps& steps,
                 float gradient_scale);

}  // namespace recur
