#include "autograd/crf.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

#include "autograd/crf_sums.h"
#include "base/threads.h"

namespace recur {
namespace {

using crf::Chain;

constexpr std::size_t kMostSlices = 32;  // each with sums of its own of the parameters' gradients

// What a slice of sequences adds up: expected minus observed counts.
struct Counts {
  double *transitions, *starts, *ends;
};

double score_of(const Chain& chain, std::size_t row, std::span<const int> targets) {
  double score = 0;
  std::size_t previous = 0;
  for (std::size_t t = 0; t < chain.steps->length_of(row); ++t) {
    const std::size_t at = chain.at(row, t);
    const auto target = static_cast<std::size_t>(targets[at]);
    assert(target < chain.tags);
    score += t == 0 ? static_cast<double>(chain.starts[target]) : chain.transition(previous, target);
    score += chain.emission(at, target);
    previous = target;
  }
  return score + static_cast<double>(chain.ends[previous]);
}

// How often each tag is expected to follow each before the one of step t + 1, as `back` has left it.
void add_transitions(const Chain& chain, const double* here, const crf::Backward& back, bool exact,
                     double log_partition, double* alpha_exps, double* to) {
  const std::size_t tags = chain.tags;
  crf::exponentials(tags, here, alpha_exps);
  double all = 0;
  for (std::size_t i = 0; i < tags; ++i) all += alpha_exps[i] * back.sums[i];
  for (std::size_t i = 0; i < tags; ++i, to += tags) {
    if (exact && all >= crf::kLeastSum) {
      const double share = alpha_exps[i] / all;
      const double* weights = chain.weights + i * tags;
      for (std::size_t j = 0; j < tags; ++j) to[j] += share * weights[j] * back.exps[j];
    } else {
      for (std::size_t j = 0; j < tags; ++j) {
        to[j] += std::exp(here[i] + chain.transition(i, j) + back.next[j] - log_partition);
      }
    }
  }
}

// Backwards through one sequence: adds to the counts and leaves the gradient of the emissions times `scale` in d.
// `scratch` holds 6 * tags.
void backward(const Chain& chain, std::size_t row, std::span<const int> targets, const double* alpha,
              double log_partition, double scale, const Counts& counts, double* scratch, float* d) {
  const std::size_t tags = chain.tags, length = chain.steps->length_of(row);
  crf::Backward back(scratch, tags);
  double *p = scratch + 4 * tags, *alpha_exps = p + tags;
  back.begin(chain);
  for (std::size_t t = length; t-- > 0;) {
    const std::size_t at = chain.at(row, t);
    const double* here = alpha + at * tags;
    if (t + 1 < length) {
      const bool exact = back.step(chain, row, t);
      add_transitions(chain, here, back, exact, log_partition, alpha_exps, counts.transitions);
      counts.transitions[static_cast<std::size_t>(targets[at]) * tags +
                         static_cast<std::size_t>(targets[chain.at(row, t + 1)])] -= 1;
    }
    crf::marginals(tags, here, back.beta, p);
    p[targets[at]] -= 1;
    for (std::size_t j = 0; j < tags; ++j) {
      if (t == 0) counts.starts[j] += p[j];
      if (t + 1 == length) counts.ends[j] += p[j];
      d[at * tags + j] = static_cast<float>(scale * p[j]);
    }
  }
}

}  // namespace

double crf_loss(Tape& tape, Var emissions, const Parameter& transitions, const Parameter& starts, const Parameter& ends,
                std::span<const int> targets, const Steps& steps, float gradient_scale) {
  const Matrix scores = tape.value(emissions);
  const std::size_t tags = scores.columns;
  assert(scores.rows == steps.total() && targets.size() == scores.rows && transitions.rows == tags);
  Arena& scratch = tape.scratch();
  scratch.rewind();
  const Chain chain = crf::chain_of(scratch, scores, transitions, starts, ends, steps);
  const std::size_t slices = std::min(steps.batch(), kMostSlices);
  const std::size_t parameters = tags * tags + 2 * tags;
  double* alpha = scratch.take<double>(scores.rows, tags).data();
  double* rows = scratch.take<double>(slices * 6, tags).data();
  const std::span<double> losses = scratch.take<double>(steps.batch());
  const bool recording = tape.recording();
  const std::span<double> counts = scratch.take<double>(recording ? slices : 0, parameters);
  std::fill(counts.begin(), counts.end(), 0.0);
  float* d = tape.arena().take<float>(recording ? scores.rows : 0, tags).data();
  parallel_for(slices, [&](std::size_t slice) {
    double* own = counts.data() + slice * parameters;
    // Long and short sequences in every slice.
    for (std::size_t row = slice; row < steps.batch(); row += slices) {
      const double log_partition = crf::forward(chain, row, alpha, rows + slice * 6 * tags);
      losses[row] = log_partition - score_of(chain, row, targets);
      if (!recording) continue;
      backward(chain, row, targets, alpha, log_partition, static_cast<double>(gradient_scale),
               {own, own + tags * tags, own + tags * tags + tags}, rows + slice * 6 * tags, d);
    }
  });
  double loss = 0;
  for (const double one : losses) loss += one;
  if (!recording) return loss;
  float* sums = tape.arena().take<float>(parameters).data();
  for (std::size_t k = 0; k < parameters; ++k) {
    double sum = 0;
    for (std::size_t slice = 0; slice < slices; ++slice) sum += counts[slice * parameters + k];
    sums[k] = gradient_scale * static_cast<float>(sum);
  }
  tape.record([emissions, transitions, starts, ends, d, sums, tags](Tape& t) {
    const Matrix to = t.gradient(emissions);
    for (std::size_t k = 0; k < to.rows * tags; ++k) to.data[k] += d[k];
    for (std::size_t k = 0; k < tags * tags; ++k) transitions.gradient[k] += sums[k];
    for (std::size_t k = 0; k < tags; ++k) {
      starts.gradient[k] += sums[tags * tags + k];
      ends.gradient[k] += sums[tags * tags + tags + k];
    }
  });
  return loss;
}

}  // namespace recur
