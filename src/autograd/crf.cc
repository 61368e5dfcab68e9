#include "autograd/crf.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/threads.h"

namespace recur {
namespace {

constexpr std::size_t kMostSlices = 32;  // each with sums of its own of the parameters' gradients
// Below this a sum of exponentials relative to the largest may have lost terms to underflow; it is then computed anew.
constexpr double kLeastSum = 1e-250;

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
double exponentials(std::size_t count, const double* scores, double* to) {
  const double most = *std::max_element(scores, scores + count);
  for (std::size_t k = 0; k < count; ++k) to[k] = std::exp(scores[k] - most);
  return most;
}

struct Field {
  const float *emissions, *transitions, *starts, *ends;
  const int* targets;
  const Steps* steps;
  std::size_t tags;
  double largest;           // of the transitions
  const double* weights;    // exp(transitions - largest)
  const double* by_column;  // its transpose

  double transition(std::size_t i, std::size_t j) const { return static_cast<double>(transitions[i * tags + j]); }
};

// What a slice of sequences adds up: expected minus observed counts.
struct Counts {
  double *transitions, *starts, *ends;
};

// sums[j] = log of the sum over i of exp(from[i] + score(i, j)), for score's exponentials `weights` [i, j] relative to
// the largest; `exps` [tags] becomes exp(from - its largest) and `scaled` [tags] the sums relative to both.
struct LogProduct {
  double most;  // of `from`
  bool exact;   // no sum was computed anew
};
template <class Score>
LogProduct log_product(std::size_t tags, const double* from, const double* weights, double largest, const Score& score,
                       double* exps, double* scaled, double* sums) {
  LogProduct result{exponentials(tags, from, exps), true};
  std::fill_n(scaled, tags, 0.0);
  for (std::size_t i = 0; i < tags; ++i) {
    for (std::size_t j = 0; j < tags; ++j) scaled[j] += exps[i] * weights[i * tags + j];
  }
  for (std::size_t j = 0; j < tags; ++j) {
    if (scaled[j] >= kLeastSum) {
      sums[j] = result.most + largest + std::log(scaled[j]);
    } else {
      sums[j] = log_sum(tags, [&](std::size_t i) { return from[i] + score(i, j); });
      result.exact = false;
    }
  }
  return result;
}

// Forwards through one sequence: log of the sum over all tags before step t of the scores up to it, to alpha [total,
// tags]; returns -log p(targets).
double forward(const Field& field, std::size_t row, double* alpha, double* scratch, double& log_partition) {
  const std::size_t tags = field.tags;
  const std::size_t length = field.steps->length_of(row);
  double target_score = 0;
  std::size_t previous = 0;
  for (std::size_t t = 0; t < length; ++t) {
    const std::size_t at = field.steps->offset(t) + row;
    const float* emission = field.emissions + at * tags;
    double* here = alpha + at * tags;
    const auto target = static_cast<std::size_t>(field.targets[at]);
    assert(target < tags);
    if (t == 0) {
      for (std::size_t j = 0; j < tags; ++j) here[j] = static_cast<double>(field.starts[j]);
      target_score = here[target];
    } else {
      const double* before = alpha + (field.steps->offset(t - 1) + row) * tags;
      log_product(
          tags, before, field.weights, field.largest,
          [&](std::size_t i, std::size_t j) { return field.transition(i, j); }, scratch, scratch + tags, here);
      target_score += field.transition(previous, target);
    }
    for (std::size_t j = 0; j < tags; ++j) here[j] += static_cast<double>(emission[j]);
    target_score += static_cast<double>(emission[target]);
    previous = target;
  }
  const double* last = alpha + (field.steps->offset(length - 1) + row) * tags;
  log_partition = log_sum(tags, [&](std::size_t j) { return last[j] + static_cast<double>(field.ends[j]); });
  return log_partition - (target_score + static_cast<double>(field.ends[previous]));
}

// p = the probabilities of the tags of one step, from alpha and beta, the log of the sum over all tags after it.
void marginals(std::size_t tags, const double* alpha, const double* beta, double* p) {
  for (std::size_t j = 0; j < tags; ++j) p[j] = alpha[j] + beta[j];
  exponentials(tags, p, p);
  double sum = 0;
  for (std::size_t j = 0; j < tags; ++j) sum += p[j];
  for (std::size_t j = 0; j < tags; ++j) p[j] /= sum;
}

// Backwards through one sequence: adds to the counts and leaves the gradient of the emissions times `scale` in d.
// `scratch` holds 6 * tags.
void backward(const Field& field, std::size_t row, const double* alpha, double log_partition, double scale,
              const Counts& counts, double* scratch, float* d) {
  const std::size_t tags = field.tags;
  const std::size_t length = field.steps->length_of(row);
  double *beta = scratch, *next = beta + tags, *p = next + tags;
  double *exps = p + tags, *sums = exps + tags, *alpha_exps = sums + tags;
  for (std::size_t j = 0; j < tags; ++j) beta[j] = static_cast<double>(field.ends[j]);
  for (std::size_t t = length; t-- > 0;) {
    const std::size_t at = field.steps->offset(t) + row;
    const double* here = alpha + at * tags;
    if (t + 1 < length) {
      // `next` is beta of the step after and its emissions; it is read again after beta has been replaced.
      const std::size_t after = field.steps->offset(t + 1) + row;
      for (std::size_t j = 0; j < tags; ++j) {
        next[j] = beta[j] + static_cast<double>(field.emissions[after * tags + j]);
      }
      const bool exact = log_product(
                             tags, next, field.by_column, field.largest,
                             [&](std::size_t j, std::size_t i) { return field.transition(i, j); }, exps, sums, beta)
                             .exact;
      exponentials(tags, here, alpha_exps);
      double all = 0;
      for (std::size_t i = 0; i < tags; ++i) all += alpha_exps[i] * sums[i];
      for (std::size_t i = 0; i < tags; ++i) {
        double* to = counts.transitions + i * tags;
        if (exact && all >= kLeastSum) {
          const double share = alpha_exps[i] / all;
          const double* weights = field.weights + i * tags;
          for (std::size_t j = 0; j < tags; ++j) to[j] += share * weights[j] * exps[j];
        } else {
          for (std::size_t j = 0; j < tags; ++j) {
            to[j] += std::exp(here[i] + field.transition(i, j) + next[j] - log_partition);
          }
        }
      }
      counts.transitions[static_cast<std::size_t>(field.targets[at]) * tags +
                         static_cast<std::size_t>(field.targets[after])] -= 1;
    }
    marginals(tags, here, beta, p);
    p[field.targets[at]] -= 1;
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
  const std::span<double> weights = scratch.take<double>(tags, tags), by_column = scratch.take<double>(tags, tags);
  const double largest = static_cast<double>(*std::max_element(transitions.value, transitions.value + tags * tags));
  for (std::size_t i = 0; i < tags; ++i) {
    for (std::size_t j = 0; j < tags; ++j) {
      weights[i * tags + j] = std::exp(static_cast<double>(transitions.value[i * tags + j]) - largest);
      by_column[j * tags + i] = weights[i * tags + j];
    }
  }
  const Field field{scores.data, transitions.value, starts.value,   ends.value,      targets.data(), &steps,
                    tags,        largest,           weights.data(), by_column.data()};
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
      double log_partition = 0;
      losses[row] = forward(field, row, alpha, rows + slice * 6 * tags, log_partition);
      if (!recording) continue;
      backward(field, row, alpha, log_partition, static_cast<double>(gradient_scale),
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

void crf_decode(const ConstMatrix& emissions, const Parameter& transitions, const Parameter& starts,
                const Parameter& ends, const Steps& steps, std::span<int> best) {
  const std::size_t tags = emissions.columns;
  assert(emissions.rows == steps.total() && best.size() == steps.total());
  std::vector<int> previous(steps.total() * tags);       // the best tag before each
  std::vector<double> scores(steps.batch() * 2 * tags);  // of the best tags up to a step that end in each tag
  parallel_for(steps.batch(), [&](std::size_t row) {
    double *here = scores.data() + row * 2 * tags, *before = here + tags;
    const std::size_t length = steps.length_of(row);
    for (std::size_t t = 0; t < length; ++t) {
      const std::size_t at = steps.offset(t) + row;
      std::swap(here, before);
      int* from = previous.data() + at * tags;
      for (std::size_t j = 0; j < tags; ++j) here[j] = static_cast<double>(starts.value[j]);
      for (std::size_t i = 0; i < tags && t > 0; ++i) {
        const float* to = transitions.value + i * tags;
        for (std::size_t j = 0; j < tags; ++j) {
          const double score = before[i] + static_cast<double>(to[j]);
          if (i > 0 && !(score > here[j])) continue;
          here[j] = score;
          from[j] = static_cast<int>(i);
        }
      }
      for (std::size_t j = 0; j < tags; ++j) here[j] += static_cast<double>(emissions.data[at * emissions.stride + j]);
    }
    for (std::size_t j = 0; j < tags; ++j) here[j] += static_cast<double>(ends.value[j]);
    auto tag = static_cast<int>(std::max_element(here, here + tags) - here);
    for (std::size_t t = length; t-- > 0;) {
      const std::size_t at = steps.offset(t) + row;
      best[at] = tag;
      tag = previous[at * tags + static_cast<std::size_t>(tag)];
    }
  });
}

}  // namespace recur
