#include <gtest/gtest.h>

#include <cmath>

#include "base/threads.h"
#include "recur/types/error.h"
#include "support/golden.h"
#include "support/language.h"
#include "tasks/adaptation.h"
#include "train/optimizer.h"

namespace recur::language_model_test {
namespace {

std::vector<float> gradients_of(Network& network, const std::vector<int>& inputs, const std::vector<int>& targets,
                                const Steps& steps) {
  Tape tape;
  StackState state(network.layers().state_layout(), steps.batch());
  window_loss(network, tape, inputs, targets, steps, state, Noise::silent(), 1.0F);
  tape.backward();
  const std::span<float> gradients = network.parameters().gradients();
  std::vector<float> copy(gradients.begin(), gradients.end());
  std::fill(gradients.begin(), gradients.end(), 0.0F);
  return copy;
}

TEST(LanguageModel, FollowsPyTorchStepByStep) {
  const GoldenFile golden("language_model");
  LanguageModelOptions options;
  options.embedding = 5;
  options.hidden = 7;
  const auto network = test_network(options, 11);
  Parameters& parameters = network->parameters();
  for (const auto& d : parameters.declarations()) {
    std::string name = d.name;
    if (name.starts_with("rnn.")) name.replace(0, 4, "lstm.");
    if (name.starts_with("output.")) name.replace(0, 7, "linear.");
    const std::vector<double> values = golden.values(name);
    ASSERT_EQ(values.size(), d.size) << name;
    for (std::size_t i = 0; i < d.size; ++i) parameters.values()[d.offset + i] = static_cast<float>(values[i]);
  }
  const std::vector<std::size_t> tokens = golden.integers("tokens");  // [3, 21]
  const std::vector<double> losses = golden.values("loss");
  const Steps steps = Steps::rectangle(3, 4);
  StackState state(network->layers().state_layout(), 3);
  Optimizer sgd({.kind = OptimizerKind::sgd}, parameters.count());
  for (std::size_t step = 0; step < losses.size(); ++step) {
    std::vector<int> inputs, targets;
    for (std::size_t t = 4 * step; t < 4 * step + 4; ++t) {
      for (std::size_t row = 0; row < 3; ++row) {
        inputs.push_back(static_cast<int>(tokens[row * 21 + t]));
        targets.push_back(static_cast<int>(tokens[row * 21 + t + 1]));
      }
    }
    Tape tape;
    const double loss = window_loss(*network, tape, inputs, targets, steps, state, Noise::silent(), 1.0F / 12);
    EXPECT_NEAR(loss / 12, losses[step], 2e-6) << "step " << step;
    tape.backward();
    sgd.step(parameters.values(), parameters.gradients(), 0.5F, {ClipKind::none, 0});
  }
}

// The derivative of the loss along a random direction, against a central difference. Float arithmetic allows about
// 1e-3.
TEST(LanguageModel, GradientAgreesWithDifferences) {
  struct Case {
    const char* cell;
    std::size_t embedding;
    bool tied;
  };
  for (const Case& c :
       {Case{"lstm", 0, false}, Case{"gru", 6, true}, Case{"elman", 5, false}, Case{"gru-reset-before", 0, false}}) {
    const LanguageModelOptions options{{.cell = c.cell, .layers = 2, .hidden = 6}, c.embedding, c.tied};
    const auto network = test_network(options, 9);
    const std::vector<std::size_t> lengths = {5, 3, 1};
    const Steps steps = Steps::from_lengths(lengths);
    const std::vector<int> inputs = test_tokens(steps.total(), 9, 1);
    const std::vector<int> targets = test_tokens(steps.total(), 9, 2);
    const std::vector<float> gradient = gradients_of(*network, inputs, targets, steps);
    const std::span<float> values = network->parameters().values();
    const std::vector<float> start(values.begin(), values.end());
    const Random random(11, RandomPurpose::test);
    double slope = 0;
    for (std::size_t i = 0; i < start.size(); ++i) slope += static_cast<double>(gradient[i]) * random.normal(i);
    const auto loss_at = [&](float distance) {
      for (std::size_t i = 0; i < start.size(); ++i) values[i] = start[i] + distance * random.normal(i);
      Tape tape(false);
      StackState state(network->layers().state_layout(), steps.batch());
      return window_loss(*network, tape, inputs, targets, steps, state, Noise::silent(), 1.0F);
    };
    const float h = 2e-3F;
    EXPECT_NEAR(slope, (loss_at(h) - loss_at(-h)) / (2 * static_cast<double>(h)), 2e-3 * std::abs(slope) + 1e-3)
        << c.cell;
  }
}

TEST(LanguageModel, ThreadsDoNotChangeABit) {
  const LanguageModelOptions options{{.layers = 2, .hidden = 40, .dropout = 0.3F}, 40, true};
  std::vector<float> first;
  for (const std::size_t threads : {1U, 2U, 3U, 5U}) {
    const std::size_t before = thread_count();
    set_thread_count(threads);
    const auto network = test_network(options, 70);
    const Corpus corpus = test_corpus(*network, 3000);
    WindowsTask task(*network, {&corpus, 0, 2500}, {&corpus, 2500, 3000}, 7, 9, 1);
    Optimizer optimizer({}, network->parameters().count());
    for (std::uint64_t step = 0; step < 4; ++step) {
      task.train_batch(step);
      optimizer.step(task.parameters().values(), task.parameters().gradients(), 1e-2F, {});
    }
    const std::span<float> values = task.parameters().values();
    if (first.empty()) first.assign(values.begin(), values.end());
    EXPECT_TRUE(std::equal(first.begin(), first.end(), values.begin())) << threads << " threads";
    set_thread_count(before);
  }
}

TEST(LanguageModel, ValidationMayEndEarly) {
  const auto network = test_network({{.layers = 1, .hidden = 12}}, 20);
  const Corpus corpus = test_corpus(*network, 3000);
  WindowsTask task(*network, {&corpus, 0, 2000}, {&corpus, 2000, 3000}, 5, 10, 1);
  const Validation part = task.validate([] { return true; });
  EXPECT_EQ(part.loss.predictions, 5 * 10U);
  EXPECT_EQ(part.share, 50 / 995.0);
  const Validation whole = task.validate([] { return false; });
  EXPECT_EQ(whole.loss.predictions, 995U);
  EXPECT_EQ(whole.share, 1);
  EXPECT_EQ(task.validate({}).loss.nats, whole.loss.nats);
}

TEST(LanguageModel, EvaluationCarriesTheStateThroughTheText) {
  const LanguageModelOptions options{{.layers = 1, .hidden = 12}};
  const auto network = test_network(options, 20);
  const Corpus corpus = test_corpus(*network, 517);  // more than one window of evaluation
  std::vector<int> tokens(corpus.size());
  corpus.reader(0).next(tokens);
  const std::vector<int> inputs(tokens.begin(), tokens.end() - 1);
  const std::vector<int> targets(tokens.begin() + 1, tokens.end());
  const Steps steps = Steps::rectangle(1, inputs.size());
  Tape tape(false);
  StackState state(network->layers().state_layout(), 1);
  const double whole = window_loss(*network, tape, inputs, targets, steps, state, Noise::silent(), 1.0F);
  const LossSum sum = evaluate(*network, corpus);
  EXPECT_EQ(sum.predictions, inputs.size());
  EXPECT_DOUBLE_EQ(sum.nats, whole);
}

TEST(LanguageModel, RefusesOptionsThatMakeNoSense) {
  const auto make = [](LanguageModelOptions options) { Network network(blank_language_model(options, 5)); };
  EXPECT_THROW(make({{.cell = "lsmt"}}), Error);
  EXPECT_THROW(make({{.layers = 0}}), Error);
  EXPECT_THROW(make({{.hidden = 0}}), Error);
  EXPECT_THROW(make({{.dropout = 1}}), Error);
  EXPECT_THROW(make({{.bidirectional = true}}), Error);
  EXPECT_THROW(make({{.hidden = 8}, 4, true}), Error);
  EXPECT_THROW(make({{}, 0, false, 0.5F}), Error);
  EXPECT_NO_THROW(make({}));
}

TEST(LanguageModel, CountsParametersAsCharRnnDoes) {
  Network network(blank_language_model({}, 65));
  network.start({});
  EXPECT_EQ(network.parameters().count(), 240321U);
}

}  // namespace
}  // namespace recur::language_model_test
