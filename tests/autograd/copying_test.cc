// Words that are copied, against the equations in double: the loss, its gradients, and the probabilities of all words.
#include "autograd/copying.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/gradient_check.h"
#include "support/settings.h"

namespace recur::copying_test {
namespace {

constexpr std::size_t kWidth = 3, kVocabulary = 7, kPositions = 5;
constexpr int kUnknown = 0;

// Tokens that are to be written, each after a look at a source of five words, of which 7 and 8 are in no vocabulary: a
// known word that stands there once, twice and not at all, an unknown one that does once and twice, and one nowhere.
struct Example {
  int token;
  std::vector<int> source;
};
const std::vector<Example> kExamples = {{3, {4, 3, 7, 5, 6}}, {4, {4, 1, 4, 7, 7}}, {2, {4, 3, 7, 5, 6}},
                                        {7, {8, 3, 7, 5, 6}}, {8, {8, 8, 7, 5, 6}}, {kUnknown, {8, 8, 7, 5, 6}}};

CopyTargets targets_of(const std::vector<Example>& examples) {
  CopyTargets targets;
  for (std::size_t row = 0; row < examples.size(); ++row) {
    for (std::size_t j = 0; j < kPositions; ++j) {
      if (examples[row].source[j] == examples[row].token) targets.places.push_back(row * kPositions + j);
    }
    targets.begin.push_back(targets.places.size());
    targets.known.push_back(examples[row].token < static_cast<int>(kVocabulary));
  }
  return targets;
}

// What the vocabulary has for each token.
std::vector<int> known_targets(const std::vector<Example>& examples) {
  std::vector<int> known;
  for (const Example& e : examples) known.push_back(e.token < static_cast<int>(kVocabulary) ? e.token : kUnknown);
  return known;
}

// x, W, b, gates, and weights that add up to 1 in each row.
std::vector<std::vector<float>> arrays(std::size_t rows = kExamples.size()) {
  std::vector<float> weights = random_floats(rows * kPositions, 1, 5);
  for (std::size_t row = 0; row < rows; ++row) {
    float sum = 0;
    for (std::size_t j = 0; j < kPositions; ++j)
      sum += weights[row * kPositions + j] = std::exp(weights[row * kPositions + j]);
    for (std::size_t j = 0; j < kPositions; ++j) weights[row * kPositions + j] /= sum;
  }
  return {random_floats(rows * kWidth, 1, 1), random_floats(kVocabulary * kWidth, 1, 2),
          random_floats(kVocabulary, 1, 3), random_floats(rows, 2, 4), weights};
}

// log p of every token of the vocabulary at a row, in double.
std::vector<double> log_written(const std::vector<std::vector<float>>& a, std::size_t row) {
  std::vector<double> log_p;
  double sum = 0;
  for (std::size_t token = 0; token < kVocabulary; ++token) {
    auto logit = static_cast<double>(a[2][token]);
    for (std::size_t k = 0; k < kWidth; ++k) {
      logit += static_cast<double>(a[0][row * kWidth + k]) * static_cast<double>(a[1][token * kWidth + k]);
    }
    log_p.push_back(logit);
    sum += std::exp(logit);
  }
  for (double& one : log_p) one -= std::log(sum);
  return log_p;
}

double probability(const std::vector<std::vector<float>>& a, std::size_t row, const Example& example) {
  const double g = 1 / (1 + std::exp(-static_cast<double>(a[3][row])));
  double p = example.token < static_cast<int>(kVocabulary)
                 ? g * std::exp(log_written(a, row)[static_cast<std::size_t>(example.token)])
                 : 0;
  for (std::size_t j = 0; j < kPositions; ++j) {
    if (example.source[j] == example.token) p += (1 - g) * static_cast<double>(a[4][row * kPositions + j]);
  }
  return p;
}

Computation loss_of(const std::vector<Example>& examples, const CopyTargets& targets, const std::vector<int>& known,
                    float scale = 1) {
  return [&examples, &targets, &known, scale](Tape& tape, std::vector<std::vector<float>>& a,
                                              std::vector<std::vector<float>>& d) {
    const std::size_t rows = examples.size();
    const Var x = tape.add(a[0].data(), rows, kWidth), gate = tape.add(a[3].data(), rows, 1);
    const Var weights = tape.add(a[4].data(), 1, a[4].size());
    CopyMixture mixture(tape, gate, weights, targets, scale);
    const double nats = linear_cross_entropy(tape, x, {a[1].data(), d[1].data(), kVocabulary, kWidth},
                                             {a[2].data(), d[2].data(), 1, kVocabulary}, known,
                                             {.gradient_scale = scale, .mixture = &mixture});
    if (!tape.recording()) return nats;
    tape.backward();
    std::copy_n(tape.gradient(x).data, d[0].size(), d[0].begin());
    std::copy_n(tape.gradient(gate).data, d[3].size(), d[3].begin());
    std::copy_n(tape.gradient(weights).data, d[4].size(), d[4].begin());
    return nats;
  };
}

TEST(Copying, LossesAreThoseOfTheMixture) {
  const std::vector<std::vector<float>> a = arrays();
  for (std::size_t row = 0; row < kExamples.size(); ++row) {
    std::vector<std::vector<float>> own = a;
    own[0] = {a[0].begin() + static_cast<std::ptrdiff_t>(row * kWidth),
              a[0].begin() + static_cast<std::ptrdiff_t>((row + 1) * kWidth)};
    own[3] = {a[3][row]};
    own[4] = {a[4].begin() + static_cast<std::ptrdiff_t>(row * kPositions),
              a[4].begin() + static_cast<std::ptrdiff_t>((row + 1) * kPositions)};
    const std::vector<Example> one = {kExamples[row]};
    const CopyTargets targets = targets_of(one);
    const std::vector<int> known = known_targets(one);
    EXPECT_NEAR(compute(loss_of(one, targets, known), own, false).number,
                -std::log(probability(a, row, kExamples[row])), 2e-6)
        << row;
  }
}

TEST(Copying, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  const CopyTargets targets = targets_of(kExamples);
  const std::vector<int> known = known_targets(kExamples);
  expect_gradients(loss_of(kExamples, targets, known), arrays(), 1e-4);
  expect_gradients(loss_of(kExamples, targets, known, 0.25F), arrays(), 1e-4, 0.25);
}

TEST(Copying, TheNumberOfThreadsChangesNoBit) {
  std::vector<Example> many;
  for (std::size_t i = 0; i < 400; ++i) many.push_back(kExamples[i * 7 % kExamples.size()]);
  const CopyTargets targets = targets_of(many);
  const std::vector<int> known = known_targets(many);
  expect_same_on_any_threads(loss_of(many, targets, known), arrays(many.size()));
}

// Weights of zero, and gates that leave nothing to one of both.
TEST(Copying, StaysFinite) {
  const WithThreads one(1);
  const CopyTargets targets = targets_of(kExamples);
  const std::vector<int> known = known_targets(kExamples);
  for (const float gate : {-500.0F, 500.0F}) {
    for (const bool zero : {false, true}) {
      std::vector<std::vector<float>> a = arrays();
      std::ranges::fill(a[3], gate);
      if (zero) std::ranges::fill(a[4], 0.0F);
      const Computed computed = compute(loss_of(kExamples, targets, known), a);
      EXPECT_TRUE(std::isfinite(computed.number)) << gate << zero;
      for (const std::vector<float>& gradient : computed.gradients) {
        EXPECT_TRUE(std::ranges::all_of(gradient, [](float d) { return std::isfinite(d); })) << gate << zero;
      }
    }
  }
}

// Of the tokens of the vocabulary and of those that only the source has.
TEST(Copying, ProbabilitiesAddUpToOneAndAreThoseOfTheLoss) {
  const std::vector<std::vector<float>> a = arrays();
  for (std::size_t row = 0; row < kExamples.size(); ++row) {
    const Example& example = kExamples[row];
    const std::size_t count = kVocabulary + (std::ranges::count(example.source, 8) > 0 ? 2 : 1);
    std::vector<float> scores(count, std::nanf(""));
    const std::vector<double> written = log_written(a, row);
    std::ranges::transform(written, scores.begin(), [](double x) { return static_cast<float>(x); });
    mix_copies(scores, kVocabulary, a[3][row], std::span(a[4]).subspan(row * kPositions, kPositions), example.source);
    double sum = 0;
    for (std::size_t token = 0; token < count; ++token) {
      const double p = std::exp(static_cast<double>(scores[token]));
      sum += p;
      EXPECT_NEAR(p, probability(a, row, {static_cast<int>(token), example.source}), 1e-6) << row << ", " << token;
    }
    EXPECT_NEAR(sum, 1, 1e-6);
  }
}

}  // namespace
}  // namespace recur::copying_test
