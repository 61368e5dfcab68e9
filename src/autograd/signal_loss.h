// How far a signal is from what it should be, where an ear would hear it.
#pragma once

#include <cstddef>
#include <span>

#include "autograd/tape.h"
#include "recur/types/steps.h"

namespace recur {

struct SignalJudgement {
  float emphasis = 0;     // p; 0: every error counts as it is
  std::size_t first = 0;  // the first step that is judged
  float gradient_scale = 1;
};

// How many numbers of a signal of that width are judged.
std::size_t judged_numbers(const Steps& steps, std::size_t width, const SignalJudgement& how);

struct SignalError {
  double sum = 0;
  std::size_t numbers = 0;  // that were judged
};

// The sum of (e_t - p e_(t-1))^2 with e = y - target, of each sequence and column: errors after a filter that lets high
// frequencies pass (pre-emphasis, Wright, Damskagg & Valimaki 2019). With p > 0 step 0 is not judged: what came before
// it is not there, be it the first of a sequence or of a window. y [steps.total(), width]; the gradient that flows back
// is that of the sum times `gradient_scale`. `targets`, as many as y has elements, and `steps` must outlive the tape's
// contents.
SignalError signal_error(Tape& tape, Var y, std::span<const float> targets, const Steps& steps,
                         const SignalJudgement& how);

}  // namespace recur
