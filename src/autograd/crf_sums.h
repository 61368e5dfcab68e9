// Sums over all sequences of tags, for crf.cc and crf_decode.cc: forward and backward over the steps of a sequence, in
// double, as logarithms. Sums are of exponentials relative to each step's largest.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "autograd/crf.h"
#include "base/arena.h"

namespace recur::crf {

// Below this a sum of exponentials relative to the largest may have lost terms to underflow; it is then computed anew.
inline constexpr double kLeastSum = 1e-250;

// log of the sum over k < count of exp(term(k)).
template <class Term>
double log_sum(std::size_t count, const Term& term) {
  double most = term(0);
  for (std::size_t k = 1; k < count; ++k) most = std::max(most, term(k));
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += std::exp(term(k) - most);
  return most + std::log(sum);
}

// to = exp(scores - their largest), which is returned.
inline double exponentials(std::size_t count, const double* scores, double* to) {
  const double most = *std::max_element(scores, scores + count);
  for (std::size_t k = 0; k < count; ++k) to[k] = std::exp(scores[k] - most);
  return most;
}

// What scores sequences of tags, and the exponentials of the transitions.
struct Chain {
  ConstMatrix emissions;
  const float *transitions, *starts, *ends;
  const Steps* steps;
  std::size_t tags;
  double largest;           // of the transitions
  const double* weights;    // exp(transitions - largest)
  const double* by_column;  // its transpose

  double transition(std::size_t i, std::size_t j) const { return static_cast<double>(transitions[i * tags + j]); }
  // The row of a sequence's step.
  std::size_t at(std::size_t row, std::size_t t) const { return steps->offset(t) + row; }
  double emission(std::size_t at, std::size_t tag) const {
    return static_cast<double>(emissions.data[at * emissions.stride + tag]);
  }
};

// Its arrays lie in `scratch`.
inline Chain chain_of(Arena& scratch, const ConstMatrix& emissions, const Parameter& transitions,
                      const Parameter& starts, const Parameter& ends, const Steps& steps) {
  const std::size_t tags = emissions.columns;
  const std::span<double> weights = scratch.take<double>(tags, tags), by_column = scratch.take<double>(tags, tags);
  const double largest = static_cast<double>(*std::max_element(transitions.value, transitions.value + tags * tags));
  for (std::size_t i = 0; i < tags; ++i) {
    for (std::size_t j = 0; j < tags; ++j) {
      weights[i * tags + j] = std::exp(static_cast<double>(transitions.value[i * tags + j]) - largest);
      by_column[j * tags + i] = weights[i * tags + j];
    }
  }
  return {emissions, transitions.value, starts.value,   ends.value,      &steps,
          tags,      largest,           weights.data(), by_column.data()};
}

// sums[j] = log of the sum over i of exp(from[i] + score(i, j)), for score's exponentials `weights` [i, j] relative to
// the largest; `exps` [tags] becomes exp(from - its largest) and `scaled` [tags] the sums relative to both. Returns
// whether no sum was computed anew.
template <class Score>
bool log_product(std::size_t tags, const double* from, const double* weights, double largest, const Score& score,
                 double* exps, double* scaled, double* sums) {
  const double most = exponentials(tags, from, exps);
  bool exact = true;
  std::fill_n(scaled, tags, 0.0);
  for (std::size_t i = 0; i < tags; ++i) {
    for (std::size_t j = 0; j < tags; ++j) scaled[j] += exps[i] * weights[i * tags + j];
  }
  for (std::size_t j = 0; j < tags; ++j) {
    if (scaled[j] >= kLeastSum) {
      sums[j] = most + largest + std::log(scaled[j]);
    } else {
      sums[j] = log_sum(tags, [&](std::size_t i) { return from[i] + score(i, j); });
      exact = false;
    }
  }
  return exact;
}

// Forwards through one sequence: log of the sum over all tags before step t of the scores up to it, to alpha [total,
// tags]; returns that over all sequences of tags. `scratch` holds 2 * tags.
inline double forward(const Chain& chain, std::size_t row, double* alpha, double* scratch) {
  const std::size_t tags = chain.tags, length = chain.steps->length_of(row);
  for (std::size_t t = 0; t < length; ++t) {
    const std::size_t at = chain.at(row, t);
    double* here = alpha + at * tags;
    if (t == 0) {
      for (std::size_t j = 0; j < tags; ++j) here[j] = static_cast<double>(chain.starts[j]);
    } else {
      const auto score = [&](std::size_t i, std::size_t j) { return chain.transition(i, j); };
      log_product(tags, alpha + chain.at(row, t - 1) * tags, chain.weights, chain.largest, score, scratch,
                  scratch + tags, here);
    }
    for (std::size_t j = 0; j < tags; ++j) here[j] += chain.emission(at, j);
  }
  const double* last = alpha + chain.at(row, length - 1) * tags;
  return log_sum(tags, [&](std::size_t j) { return last[j] + static_cast<double>(chain.ends[j]); });
}

// What a sequence's step back needs: [tags] each.
struct Backward {
  double *beta, *next, *exps, *sums;

  Backward(double* scratch, std::size_t tags)
      : beta(scratch), next(beta + tags), exps(next + tags), sums(exps + tags) {}

  // beta = the scores after the last step.
  void begin(const Chain& chain) {
    for (std::size_t j = 0; j < chain.tags; ++j) beta[j] = static_cast<double>(chain.ends[j]);
  }
  // From step t + 1 to t: next = beta and the emissions of t + 1; beta = log of the sum over all tags after t. Returns
  // as log_product().
  bool step(const Chain& chain, std::size_t row, std::size_t t) {
    const std::size_t after = chain.at(row, t + 1);
    for (std::size_t j = 0; j < chain.tags; ++j) next[j] = beta[j] + chain.emission(after, j);
    const auto score = [&](std::size_t j, std::size_t i) { return chain.transition(i, j); };
    return log_product(chain.tags, next, chain.by_column, chain.largest, score, exps, sums, beta);
  }
};

// p = the probabilities of the tags of one step, from alpha and beta, the log of the sum over all tags after it.
inline void marginals(std::size_t tags, const double* alpha, const double* beta, double* p) {
  for (std::size_t j = 0; j < tags; ++j) p[j] = alpha[j] + beta[j];
  exponentials(tags, p, p);
  double sum = 0;
  for (std::size_t j = 0; j < tags; ++j) sum += p[j];
  for (std::size_t j = 0; j < tags; ++j) p[j] /= sum;
}

}  // namespace recur::crf
