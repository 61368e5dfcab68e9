// Dynamic evaluation and the neural cache against plain loops in double, of a network small enough for gradients by
// differences.
#include "tasks/adaptation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "recur/types/error.h"
#include "support/language.h"
#include "support/settings.h"

namespace recur::adaptation_test {
namespace {

constexpr std::size_t kHidden = 3, kVocabulary = 5, kTokens = 43, kWindow = 5;

LanguageModelOptions elman() {
  return {{.cell = "elman", .layers = 1, .hidden = kHidden, .dropout = 0.4F, .activation_penalty = 2}};
}

using Doubles = std::vector<double>;

// h' = tanh(W x + b + U h + c), p = softmax(V h' + d), of one-hot x.
class PlainModel {
 public:
  explicit PlainModel(const Parameters& parameters) : parameters_(parameters) {
    for (const float value : parameters.values()) values.push_back(static_cast<double>(value));
  }
  // The loss of a window, from h and leaves that after it; and its states behind `states`.
  double loss(std::span<const int> tokens, Doubles& h, std::vector<Doubles>* states = nullptr,
              Doubles* losses = nullptr) const {
    double sum = 0;
    for (std::size_t t = 0; t + 1 < tokens.size(); ++t) {
      step(static_cast<std::size_t>(tokens[t]), h);
      const double nats = nats_of(static_cast<std::size_t>(tokens[t + 1]), h);
      if (states != nullptr) states->push_back(h);
      if (losses != nullptr) losses->push_back(nats);
      sum += nats;
    }
    return sum;
  }
  Doubles gradient(std::span<const int> tokens, const Doubles& from) {
    Doubles gradient(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double value = values[i], h = 1e-5;
      double ends[2];
      for (const int side : {0, 1}) {
        values[i] = value + (side == 0 ? -h : h);
        Doubles state = from;
        ends[side] = loss(tokens, state);
      }
      values[i] = value;
      gradient[i] = (ends[1] - ends[0]) / (2 * h);
    }
    return gradient;
  }

  Doubles values;

 private:
  // Element [row, column] of a matrix, or [row] of a vector; 0 where the network has none of that name.
  double at(const std::string& name, std::size_t row, std::size_t column = 0) const {
    for (const Parameters::Declaration& d : parameters_.declarations()) {
      if (d.name != name) continue;
      const auto rows = static_cast<std::size_t>(d.shape[0]);
      const std::size_t columns = d.shape.size() == 1 ? 1 : static_cast<std::size_t>(d.shape[1]);
      return values[d.offset + (d.transposed ? column * rows + row : row * columns + column)];
    }
    return 0;
  }
  void step(std::size_t token, Doubles& h) const {
    const Doubles before = h;
    for (std::size_t unit = 0; unit < kHidden; ++unit) {
      double z = at("rnn.weight_ih_l0", unit, token) + at("rnn.bias_ih_l0", unit) + at("rnn.bias_hh_l0", unit);
      for (std::size_t from = 0; from < kHidden; ++from) z += at("rnn.weight_hh_l0", unit, from) * before[from];
      h[unit] = std::tanh(z);
    }
  }
  double nats_of(std::size_t target, const Doubles& h) const {
    double sum = 0, logit = 0;
    for (std::size_t word = 0; word < kVocabulary; ++word) {
      double z = at("output.bias", word);
      for (std::size_t unit = 0; unit < kHidden; ++unit) z += at("output.weight", word, unit) * h[unit];
      sum += std::exp(z);
      if (word == target) logit = z;
    }
    return std::log(sum) - logit;
  }

  const Parameters& parameters_;
};

std::vector<int> tokens_of(const Corpus& corpus) {
  std::vector<int> tokens(corpus.size());
  corpus.reader(0).next(tokens);
  return tokens;
}

// Of the tokens as they are scored: their losses, and the states that they are predicted from.
struct Scored {
  Doubles nats;
  std::vector<Doubles> states;
  double sum() const { return std::accumulate(nats.begin(), nats.end(), 0.0); }
};

Scored plain_evaluation(const Network& network, const std::vector<int>& tokens, const Adaptation& how) {
  PlainModel model(network.parameters());
  const Doubles trained = model.values;
  Doubles h(kHidden);
  Scored scored;
  for (std::size_t first = 0; first + 1 < tokens.size(); first += kWindow) {
    const std::size_t steps = std::min(kWindow, tokens.size() - 1 - first);
    const auto window = std::span(tokens).subspan(first, steps + 1);
    const Doubles before = h;
    model.loss(window, h, &scored.states, &scored.nats);
    if (how.rate == 0) continue;
    const Doubles gradient = model.gradient(window, before);
    for (std::size_t i = 0; i < trained.size(); ++i) {
      model.values[i] +=
          how.decay * (trained[i] - model.values[i]) - how.rate * gradient[i] / static_cast<double>(steps);
    }
  }
  return scored;
}

double with_plain_cache(const Scored& scored, const std::vector<int>& tokens, const Adaptation& how) {
  double sum = 0;
  for (std::size_t t = 0; t < scored.nats.size(); ++t) {
    double all = 0, same = 0;
    for (std::size_t i = t - std::min(t, how.cache); i < t; ++i) {
      double dot = 0;
      for (std::size_t unit = 0; unit < kHidden; ++unit) dot += scored.states[t][unit] * scored.states[i][unit];
      all += std::exp(how.cache_flatness * dot);
      if (tokens[i + 1] == tokens[t + 1]) same += std::exp(how.cache_flatness * dot);
    }
    const double model = std::exp(-scored.nats[t]);
    sum -= std::log(t == 0 ? model : (1 - how.cache_share) * model + how.cache_share * same / all);
  }
  return sum;
}

struct Case {
  std::unique_ptr<Network> network = test_network(elman(), kVocabulary);
  Corpus corpus = test_corpus(*network, kTokens);
  std::vector<int> tokens = tokens_of(corpus);

  double nats(const Adaptation& how) const {
    const LossSum sum = evaluate(*network, corpus, how);
    EXPECT_EQ(sum.predictions, tokens.size() - 1);
    return sum.nats;
  }
};

constexpr double kClose = 1e-4;  // of some 70 nats

TEST(DynamicEvaluation, IsWhatAPlainLoopSays) {
  const Case c;
  const std::span<const float> values = std::as_const(*c.network).parameters().values();
  const std::vector<float> before(values.begin(), values.end());
  for (const Adaptation& how : {Adaptation{.rate = 0.5, .decay = 0}, Adaptation{.rate = 0.3, .decay = 0.2}}) {
    EXPECT_NEAR(c.nats(how), plain_evaluation(*c.network, c.tokens, how).sum(), kClose);
  }
  EXPECT_TRUE(std::equal(before.begin(), before.end(), values.begin()));
}

TEST(DynamicEvaluation, WithoutAStepIsThePlainOne) {
  const Case c;
  EXPECT_EQ(c.nats({.decay = 0.5}), c.nats({}));
  EXPECT_NEAR(c.nats({}), plain_evaluation(*c.network, c.tokens, {}).sum(), kClose);
  // Back to the trained parameters at once, from steps that are none.
  EXPECT_NEAR(c.nats({.rate = 1e-30, .decay = 1}), c.nats({}), kClose);
}

TEST(DynamicEvaluation, ThreadsDoNotChangeABit) {
  const Case c;
  const Adaptation how{.rate = 0.3, .cache = 7};
  const WithThreads one(1);
  const double nats = c.nats(how);
  const WithThreads three(3);
  EXPECT_EQ(c.nats(how), nats);
}

TEST(DynamicEvaluation, TooLargeAStepIsOneClearError) {
  const Case c;
  try {
    c.nats({.rate = 1e30});
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("--dynamic: ")) << error.what();
  }
}

TEST(NeuralCache, IsWhatAPlainLoopSays) {
  const Case c;
  for (const std::size_t size : {1U, 4U, 17U, 1000U}) {
    for (const double flatness : {0.0, 0.7, 8.0}) {
      const Adaptation how{.cache = size, .cache_flatness = flatness, .cache_share = 0.3};
      EXPECT_NEAR(c.nats(how), with_plain_cache(plain_evaluation(*c.network, c.tokens, how), c.tokens, how), kClose)
          << size << ", " << flatness;
    }
  }
}

// A window of the one is shorter than one of the other.
TEST(NeuralCache, GoesWithDynamicEvaluation) {
  const Case c;
  const Adaptation how{.rate = 0.4, .decay = 0.01, .cache = 9, .cache_flatness = 1, .cache_share = 0.2};
  EXPECT_NEAR(c.nats(how), with_plain_cache(plain_evaluation(*c.network, c.tokens, how), c.tokens, how), kClose);
}

TEST(NeuralCache, WithoutAShareIsThePlainModel) {
  const Case c;
  EXPECT_NEAR(c.nats({.cache = 10, .cache_share = 0}), c.nats({}), kClose);
}

}  // namespace
}  // namespace recur::adaptation_test
