// A linear-chain conditional random field over the steps of sequences (Lafferty, McCallum & Pereira 2001): the score of
// the tags y of a sequence is starts[y_0] + the sum of emissions[t, y_t] + the sum of transitions[y_{t-1}, y_t] +
// ends[y_last], and their probability the softmax of the scores of all sequences of tags. Any finite scores and any
// number of steps will do: sums are kept in double relative to each step's largest. Rows are laid out by `steps`.
// Where a tag cannot stand, or follow another, its score is kForbidden: sequences with it have the probability 0.
#pragma once

#include <span>
#include <vector>

#include "autograd/tape.h"
#include "recur/types/steps.h"

namespace recur {

inline constexpr float kForbidden = -1e30F;

// The sum over sequences of -log p(targets), in nats. emissions [total, tags], transitions [tags, tags] from row to
// column, starts and ends [1, tags], targets [total]. The gradient that flows back to emissions and parameters is that
// of the sum times `gradient_scale`.
double crf_loss(Tape& tape, Var emissions, const Parameter& transitions, const Parameter& starts, const Parameter& ends,
                std::span<const int> targets, const Steps& steps, float gradient_scale);

// The most probable tags of each sequence (Viterbi 1967) to best [total]; of equals, from the last step to the first,
// the lower tag.
void crf_decode(const ConstMatrix& emissions, const Parameter& transitions, const Parameter& starts,
                const Parameter& ends, const Steps& steps, std::span<int> best);

// The probability of each of `tags` [total], whatever the other tags of its sequence are (by forward and backward sums:
// Rabiner 1989), to `probabilities` [total].
void crf_marginals(const ConstMatrix& emissions, const Parameter& transitions, const Parameter& starts,
                   const Parameter& ends, const Steps& steps, std::span<const int> tags,
                   std::span<float> probabilities);

struct TagPath {
  std::vector<int> tags;
  double log_probability;
};
// Of each sequence the n most probable ones, the best first, or as many as there are (Seshadri & Sundberg 1994); the
// first is that of crf_decode().
std::vector<std::vector<TagPath>> crf_best(const ConstMatrix& emissions, const Parameter& transitions,
                                           const Parameter& starts, const Parameter& ends, const Steps& steps,
                                           std::size_t n);

}  // namespace recur
