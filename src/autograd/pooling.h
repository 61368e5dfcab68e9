// From the steps of each sequence to one vector: x [total, width] laid out by `steps` to [batch, width]. Gradients are
// always added to what is there; `steps` must outlive the tape's contents.
#pragma once

#include "autograd/tape.h"
#include "recur/types/steps.h"

namespace recur {

// The mean over each sequence's steps.
Var mean_over_steps(Tape& tape, Var x, const Steps& steps);

// The largest value of each column over a sequence's steps; the gradient goes to the first of several.
Var max_over_steps(Tape& tape, Var x, const Steps& steps);

// The sum of each sequence's steps weighted by softmax(scores) over these steps; scores [total, 1].
Var weighted_over_steps(Tape& tape, Var x, Var scores, const Steps& steps);

// tanh of every element.
Var tanh_of(Tape& tape, Var x);

}  // namespace recur
