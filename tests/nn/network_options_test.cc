// Whole networks with every cell and the options of include/recur/types/network.h.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "recur/types/error.h"
#include "support/cells.h"
#include "support/directions.h"
#include "support/language.h"
#include "support/settings.h"
#include "support/streams.h"
#include "train/optimizer.h"

namespace recur::network_options_test {
namespace {

constexpr std::size_t kVocabulary = 9;

class NetworkOptions : public EveryCell {
 protected:
  // Options that go together, as far as the cell has a use for them.
  std::vector<LanguageModelOptions> combinations() const {
    const float recurrent = cell().multiplies_states() ? 0.25F : 0;
    const float other_states = cell().states > 1 ? 0.125F : 0;
    const std::size_t projection = cell().has_output_width() ? 5 : 0;
    LanguageModelOptions a{{.cell = GetParam(), .layers = 3, .hidden = 6, .projection = projection}, 4};
    a.connection = Connection::highway;
    a.layer_norm = true;
    a.learned_state = true;
    a.dropout = 0.25F;
    a.state_dropout = recurrent;
    a.weight_drop = recurrent;
    a.zoneout = 0.125F;
    a.zoneout_cell = other_states;
    a.embedding_dropout = 0.2F;
    LanguageModelOptions b{{.cell = GetParam(), .layers = 2, .hidden = 7, .window = 3}};
    b.connection = Connection::residual;
    b.learned_state = true;
    b.dropout = 0.25F;
    b.variational = true;
    b.state_dropout = recurrent;
    b.initialiser = Initialiser::orthogonal;
    LanguageModelOptions c{{.cell = GetParam(), .layers = 1, .hidden = 5}, 5, true};
    c.layer_norm = true;
    c.weight_drop = recurrent;
    c.zoneout = 0.2F;
    c.initialiser = Initialiser::identity;
    return {a, b, c};
  }
};
INSTANTIATE_TEST_SUITE_P(Cells, NetworkOptions, every_cell(), cell_test_name);

Noise noise_of(std::uint64_t step) { return {5, step}; }

// Masks and all.
TEST_P(NetworkOptions, GradientAgreesWithDifferences) {
  for (const LanguageModelOptions& options : combinations()) {
    const auto network = test_network(options, kVocabulary);
    const Steps steps = Steps::from_lengths(std::vector<std::size_t>{5, 3, 1});
    const std::vector<int> inputs = test_tokens(steps.total(), kVocabulary, 1);
    const std::vector<int> targets = test_tokens(steps.total(), kVocabulary, 2);
    const auto loss = [&] {
      Tape tape;
      StackState state(network->layers().state_layout(), steps.batch());
      const double nats = window_loss(*network, tape, inputs, targets, steps, state, noise_of(1), 1.0F);
      tape.backward();
      return nats;
    };
    loss();
    const std::span<float> d = network->parameters().gradients();
    EXPECT_LT(smallest_disagreement(network->parameters().values(), {d.begin(), d.end()}, loss), 1e-2)
        << "layers " << options.layers;
  }
}

// At evaluation, window by window or token by token is the same.
TEST_P(NetworkOptions, StreamingEqualsTheWholeTextAtOnce) {
  for (const LanguageModelOptions& options : combinations()) {
    const auto network = test_network(options, kVocabulary);
    const std::vector<int> tokens = test_tokens(12, kVocabulary, 3);
    const Steps steps = Steps::rectangle(1, tokens.size());
    Tape tape(false);
    StackState state(network->layers().state_layout(), 1);
    const Batch window = test_window(tokens, {}, steps);
    const Var output = network->encode({tape, network->parameters(), noise_of(0)}, window, state).stack.output;
    LogitStream stream(*network);
    const std::size_t width = network->layers().output_width();
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      stream.step(tokens[t]);
      if (options.connection != Connection::none) continue;
      const std::span<float> h = stream.state().of(options.layers - 1, 0);
      for (std::size_t u = 0; u < width; ++u) EXPECT_EQ(h[u], tape.value(output).data[t * width + u]) << t;
    }
    for (std::size_t layer = 0; layer < options.layers; ++layer) {
      for (std::size_t slot = 0; slot <= cell().states; ++slot) {
        const std::span<float> streamed = stream.state().of(layer, slot), whole = state.of(layer, slot);
        EXPECT_TRUE(std::ranges::equal(streamed, whole)) << "layer " << layer << ", slot " << slot;
      }
    }
  }
}

TEST_P(NetworkOptions, ThreadsDoNotChangeABitOfTraining) {
  for (const LanguageModelOptions& options : combinations()) {
    std::vector<float> first;
    for (const std::size_t threads : {1U, 3U}) {
      const WithThreads set(threads);
      const auto network = test_network(options, kVocabulary);
      const Corpus corpus = test_corpus(*network, 300);
      WindowsTask task(*network, {&corpus, 0, 250}, {&corpus, 250, 300}, 5, 4, 1);
      Optimizer optimizer({}, network->parameters().count());
      for (std::uint64_t step = 0; step < 3; ++step) {
        task.train_batch(step);
        optimizer.step(task.parameters().values(), task.parameters().gradients(), 1e-2F, {});
      }
      const std::span<float> values = task.parameters().values();
      if (first.empty()) first.assign(values.begin(), values.end());
      EXPECT_TRUE(std::ranges::equal(first, values)) << threads << " threads";
    }
  }
}

// Zoneout's and dropout's masks at evaluation are their expectation: nothing random is left.
TEST(NetworkNoise, IsOnlyInTraining) {
  LanguageModelOptions options{{.hidden = 8, .dropout = 0.5F, .state_dropout = 0.5F, .zoneout = 0.5F}};
  const auto network = test_network(options, kVocabulary);
  const std::vector<int> tokens = test_tokens(20, kVocabulary, 3);
  const Steps steps = Steps::rectangle(2, 10);
  const auto loss = [&](Tape& tape, const Noise& noise) {
    StackState state(network->layers().state_layout(), 2);
    return window_loss(*network, tape, tokens, tokens, steps, state, noise, 1.0F);
  };
  Tape evaluation(false), training;
  EXPECT_EQ(loss(evaluation, noise_of(1)), loss(evaluation, noise_of(2)));
  EXPECT_NE(loss(training, noise_of(1)), loss(training, noise_of(2)));
  EXPECT_EQ(loss(training, noise_of(1)), loss(training, noise_of(1)));
  EXPECT_EQ(loss(training, Noise::silent()), loss(evaluation, noise_of(1)));
}

TEST(NetworkPenalties, AreTheGradientsOfTheMeanSquares) {
  std::vector<float> values = {1, 2, 3, 4, 5, 7, 9};
  const Steps steps = Steps::from_lengths(std::vector<std::size_t>{3, 2, 2});
  Tape tape;
  const Var x = tape.add(values.data(), 7, 1);
  penalise_activation(tape, x, 7);
  penalise_change(tape, x, steps, 2);
  tape.backward();
  // Rows: 1 2 3 | 4 5 7 | 9; changes 3, 3, 4 and 5, four of them.
  const std::vector<float> expected = {2 - 3, 4 - 3, 6 - 4, 8 + 3 - 5, 10 + 3, 14 + 4, 18 + 5};
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_FLOAT_EQ(tape.gradient(x).data[i], expected[i]) << i;
}

TEST(NetworkStart, FollowsTheInitialiser) {
  const auto weights = [](Initialiser initialiser, const std::string& name) {
    Network network(
        blank_language_model({{.layers = 1, .hidden = 5, .initialiser = initialiser, .forget_bias = 1}}, 3));
    network.start({});
    for (const auto& d : network.parameters().declarations()) {
      if (d.name == name) {
        const auto all = network.parameters().values().subspan(d.offset, d.size);
        return std::vector<float>(all.begin(), all.end());
      }
    }
    return std::vector<float>();
  };
  const std::vector<float> identity = weights(Initialiser::identity, "rnn.weight_hh_l0");
  const std::vector<float> orthogonal = weights(Initialiser::orthogonal, "rnn.weight_hh_l0");
  for (std::size_t gate = 0; gate < 4; ++gate) {
    for (std::size_t a = 0; a < 5; ++a) {
      for (std::size_t b = 0; b < 5; ++b) {
        double product = 0;
        for (std::size_t k = 0; k < 5; ++k) {
          product += static_cast<double>(orthogonal[(gate * 5 + a) * 5 + k]) * orthogonal[(gate * 5 + b) * 5 + k];
        }
        EXPECT_NEAR(product, a == b ? 1 : 0, 1e-6);
        EXPECT_EQ(identity[(gate * 5 + a) * 5 + b], a == b ? 1 : 0);
      }
    }
  }
  const std::vector<float> bias = weights(Initialiser::glorot, "rnn.bias_ih_l0");
  for (std::size_t i = 0; i < bias.size(); ++i) EXPECT_EQ(bias[i], i / 5 == 1 ? 1 : 0);  // the forget gate's
  for (const float w : weights(Initialiser::glorot, "rnn.weight_hh_l0")) EXPECT_LE(std::abs(w), std::sqrt(0.6F));
}

TEST(NetworkOptionsRefused, NameTheirFlag) {
  const auto refusal = [](const LanguageModelOptions& options) -> std::string {
    try {
      Network network(blank_language_model(options, 5));
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const std::vector<std::pair<LanguageModelOptions, std::string>> wrong = {
      {{{.projection = 4}}, "--projection"},
      {{{.cell = "mingru", .state_dropout = 0.5F}}, "--state-dropout"},
      {{{.cell = "mingru", .weight_drop = 0.5F}}, "--weight-drop"},
      {{{.cell = "gru", .zoneout_cell = 0.5F}}, "--zoneout-cell"},
      {{{.cell = "gru", .forget_bias = 1}}, "--forget-bias"},
      {{{.layers = 1, .connection = Connection::highway}}, "--connection highway"},
      {{{.zoneout = 1}}, "--zoneout"},
      {{{.variational = true}}, "--variational"},
      {{{.state_clip = -1}}, "--state-clip"},
      {{{.window = 1001}}, "--window"},
  };
  for (const auto& [options, flag] : wrong) {
    EXPECT_TRUE(refusal(options).starts_with(flag)) << refusal(options) << " should begin with " << flag;
  }
}

// A window's indices are below 2^31, and tokens that the state keeps are exact as floats.
TEST(NetworkOptionsRefused, NameTheWindowOverTooManyTokens) {
  const auto refusal = [](std::size_t window, std::size_t tokens) -> std::string {
    Parameters parameters;
    try {
      RecurrentStack({.cell = "tdnn", .layers = 1, .hidden = 1, .window = window}, tokens, true, parameters, "");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(
      refusal(1000, 3'000'000),
      "--window: 1000 steps of tokens without an embedding can tell 2147483 tokens apart, there are 3000000; give "
      "--embedding N or a smaller --max-vocab");
  EXPECT_EQ(refusal(1000, 2'147'483), "accepted");
  EXPECT_TRUE(refusal(2, (std::size_t{1} << 24) + 1).starts_with("--window: "));
  EXPECT_EQ(refusal(2, std::size_t{1} << 24), "accepted");
  EXPECT_EQ(refusal(1, (std::size_t{1} << 24) + 1), "accepted");
}

TEST(Parameters, RefuseMoreThanAnyMemory) {
  constexpr std::size_t kHalf = std::size_t{1} << 32;
  Parameters parameters;
  EXPECT_THROW(parameters.declare("a", kHalf, kHalf, {}), std::bad_alloc);
  parameters.declare("b", kHalf, kHalf >> 5, {});
  parameters.declare("c", kHalf, kHalf >> 5, {});
  EXPECT_THROW(parameters.declare("d", kHalf, kHalf >> 4, {}), std::bad_alloc);
}

}  // namespace
}  // namespace recur::network_options_test
