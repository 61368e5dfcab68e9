// A linear-chain conditional random field over the steps of sequences (Lafferty, McCallum & Pereira 2001): the score of
// the tags y of a sequence is starts[y_0] + the sum of emissions[t, y_t] + the sum of transitions[y_{t-1}, y_t] +
// ends[y_last], and their probability the softmax of the scores of all sequences of tags. Any finite scores and any
// number of steps will do: sums are kept in double relative to each step's largest. Rows are laid out by `steps`.
#pragma once

#include <span>

#include "autograd/tape.h"
#include "recur/steps.h"

namespace recur {

// The sum over sequences of -log p(targets), in nats. emissions [total, tags], transitions [tags, tags] from row to
// column, starts and ends [1, tags], targets [total]. The gradient that flows back to emissions and parameters is that
// of the sum times `gradient_scale`.
double crf_loss(Tape& tape, Var emissions, const Parameter& transitions, const Parameter& starts, const Parameter& ends,
                std::span<const int> targets, const Steps& steps, float gradient_scale);

// The most probable tags of each sequence (Viterbi 1967) to best [total]; of equals, from the last step to the first,
// the lower tag.
void crf_decode(const ConstMatrix& emissions, const Parameter& transitions, const Parameter& starts,
                const Parameter& ends, const Steps& steps, std::span<int> best);

}  // namespace recur
