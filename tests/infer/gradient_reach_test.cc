#include "infer/gradient_reach.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/language.h"
#include "support/streams.h"

namespace recur::gradient_reach_test {
namespace {

constexpr std::size_t kSteps = 5;

// A text of 2 kSteps + 1 tokens: the window begins at token kSteps, the last token is the one whose loss it is.
struct Reading {
  explicit Reading(const LanguageModelOptions& options)
      : network(test_network(options, 30)),
        corpus(test_corpus(*network, 2 * kSteps)),
        tokens(static_cast<std::size_t>(corpus.size())) {
    corpus.reader(0).next(tokens);
  }

  std::vector<double> probabilities() {
    LogitStream stream(*network);
    std::span<const float> logits;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) logits = stream.step(tokens[i]);
    last_state.assign(stream.state().of(network->layers().layers() - 1, 0).begin(),
                      stream.state().of(network->layers().layers() - 1, 0).end());
    std::vector<double> p;
    double sum = 0;
    for (const float logit : logits) sum += p.emplace_back(std::exp(double{logit}));
    for (double& x : p) x /= sum;
    return p;
  }
  double loss() { return -std::log(probabilities()[static_cast<std::size_t>(tokens.back())]); }

  std::unique_ptr<Network> network;
  Corpus corpus;
  std::vector<int> tokens;
  std::vector<float> last_state;
};

// The gradient of the loss in the output of the last step is W^T (p - target).
TEST(GradientReach, AtDistanceZeroIsThatOfTheSoftmax) {
  for (const char* cell : {"lstm", "gru"}) {
    Reading reading({{.cell = cell, .layers = 2, .hidden = 5}});
    ASSERT_EQ(reading.tokens.size(), 2 * kSteps + 1);
    std::vector<double> d = reading.probabilities();
    d[static_cast<std::size_t>(reading.tokens.back())] -= 1;
    const float* weight = reading.network->parameters().value(step_network(*reading.network).output.weight);
    double squares = 0;
    for (std::size_t u = 0; u < 5; ++u) {
      double sum = 0;
      for (std::size_t k = 0; k < d.size(); ++k) sum += d[k] * double{weight[k * 5 + u]};
      squares += sum * sum;
    }
    const GradientReach reach = measure_gradients(*reading.network, reading.corpus, kSteps);
    const std::size_t top = reach.states.size() / 2;
    EXPECT_EQ(reach.states[top].layer, 1);
    EXPECT_NEAR(reach.states[top].norms[0], std::sqrt(squares), 1e-5) << cell;
  }
}

// The state of the lower of two layers reaches the loss through the upper one too. In Elman's network, a change of the
// input weight of the token at step t, which occurs only there, changes that state alone: by the change times 1 - h^2.
TEST(GradientReach, OfALowerLayerTakesAllWays) {
  Reading reading({{.cell = "elman", .layers = 2, .hidden = 5}});
  const GradientReach reach = measure_gradients(*reading.network, reading.corpus, kSteps);
  Parameters& parameters = reading.network->parameters();
  float* weight =
      parameters.values().data() + parameters.declarations()[0].offset;  // of one-hot input: a row for each token
  ASSERT_EQ(parameters.declarations()[0].name, "rnn.weight_ih_l0");
  std::size_t compared = 0;
  for (std::size_t k = 0; k < kSteps; ++k) {
    const std::size_t t = 2 * kSteps - 1 - k;
    const int token = reading.tokens[t];
    if (std::count(reading.tokens.begin(), reading.tokens.end() - 1, token) != 1) continue;
    LogitStream stream(*reading.network);
    for (std::size_t i = 0; i <= t; ++i) stream.step(reading.tokens[i]);
    double squares = 0;
    for (std::size_t u = 0; u < 5; ++u) {
      constexpr float kStep = 1e-2F;
      float& w = weight[static_cast<std::size_t>(token) * 5 + u];
      const float start = w;
      w = start + kStep;
      const double more = reading.loss();
      w = start - kStep;
      const double less = reading.loss();
      w = start;
      const double h = double{stream.state().of(0, 0)[u]};
      const double d = (more - less) / (2 * double{kStep}) / (1 - h * h);
      squares += d * d;
    }
    EXPECT_NEAR(reach.states[0].norms[k], std::sqrt(squares), 1e-2 * reach.states[0].norms[0] + 1e-4) << k;
    ++compared;
  }
  EXPECT_GE(compared, 3);
}

TEST(GradientReach, LeavesTheParametersGradientsAsTheyWere) {
  Reading reading({{.layers = 2, .hidden = 5}});
  const std::span<float> gradients = reading.network->parameters().gradients();
  for (std::size_t i = 0; i < gradients.size(); ++i) gradients[i] = static_cast<float>(i);
  measure_gradients(*reading.network, reading.corpus, kSteps);
  for (std::size_t i = 0; i < gradients.size(); ++i) ASSERT_EQ(gradients[i], static_cast<float>(i));
}

}  // namespace
}  // namespace recur::gradient_reach_test
