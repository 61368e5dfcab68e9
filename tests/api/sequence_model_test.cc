#include "recur/sequence_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "recur/error.h"
#include "support/random.h"
#include "support/settings.h"

namespace recur {
namespace {

constexpr std::size_t kInput = 3, kOutputs = 4;

SequenceModelOptions small_options(const std::string& cell, Readout readout, Target target) {
  SequenceModelOptions options;
  options.network.cell = cell;
  options.network.layers = 2;
  options.network.hidden = 17;
  options.input = kInput;
  options.outputs = kOutputs;
  options.readout = readout;
  options.target = target;
  return options;
}

// A random sequence with its targets, appended to a batch.
void append(SequenceBatch& batch, const SequenceModelOptions& options, std::size_t length, std::uint32_t stream) {
  const Random random(1, RandomPurpose::test, stream);
  std::uint64_t position = 0;
  batch.lengths.push_back(length);
  for (std::size_t i = 0; i < length; ++i) {
    if (options.tokens) batch.tokens.push_back(static_cast<int>(random.word(position++) % options.input));
    for (std::size_t k = 0; k < options.input && !options.tokens; ++k) {
      batch.numbers.push_back(random.normal(position++));
    }
  }
  for (std::size_t i = 0; i < (options.readout == Readout::every_step ? length : 1); ++i) {
    if (options.target == Target::classes) {
      batch.classes.push_back(static_cast<int>(random.word(position++) % options.outputs));
    } else {
      for (std::size_t k = 0; k < options.outputs; ++k) batch.values.push_back(random.normal(position++));
    }
  }
}

SequenceBatch random_batch(const SequenceModelOptions& options, const std::vector<std::size_t>& lengths) {
  SequenceBatch batch;
  for (std::size_t i = 0; i < lengths.size(); ++i) append(batch, options, lengths[i], static_cast<std::uint32_t>(i));
  return batch;
}

template <class Check>
void for_every_kind(const Check& check) {
  for (const Readout readout : {Readout::every_step, Readout::last_step}) {
    for (const Target target : {Target::classes, Target::values}) {
      for (const bool tokens : {false, true}) {
        SequenceModelOptions options = small_options("lstm", readout, target);
        options.tokens = tokens;
        SCOPED_TRACE((readout == Readout::every_step ? "every step, " : "last step, ") +
                     std::string(target == Target::classes ? "classes, " : "values, ") +
                     (tokens ? "tokens" : "numbers"));
        check(options);
      }
    }
  }
}

// Which of two tokens came first, many steps ago: every sequence must be remembered to its end.
TEST(SequenceModel, LearnsTheFirstTokenOfASequence) {
  SequenceModelOptions options = small_options("gru", Readout::last_step, Target::classes);
  options.network.layers = 1;
  options.tokens = true;
  options.outputs = 2;
  SequenceModel model(options);
  const Random random(2, RandomPurpose::test);
  std::uint64_t position = 0;
  const auto batch_of = [&](std::size_t count) {
    SequenceBatch batch;
    for (std::size_t i = 0; i < count; ++i) {
      batch.lengths.push_back(2 + random.word(position++) % 9);
      batch.classes.push_back(static_cast<int>(random.word(position++) % 2));
      batch.tokens.push_back(batch.classes.back());
      batch.tokens.insert(batch.tokens.end(), batch.lengths.back() - 1, 2);
    }
    return batch;
  };
  const SequenceBatch test = batch_of(100);
  EXPECT_LT(model.evaluate(test).correct, 0.9);
  for (int step = 0; step < 60; ++step) model.train(batch_of(20), 0.02F);
  const SequenceResult result = model.evaluate(test);
  EXPECT_EQ(result.predictions, 100U);
  EXPECT_EQ(result.correct, 1);
  EXPECT_LT(result.loss, 0.1);
}

TEST(SequenceModel, LearnsARunningMean) {
  SequenceModelOptions options = small_options("lstm", Readout::every_step, Target::values);
  options.input = 1;
  options.outputs = 1;
  SequenceModel model(options);
  const Random random(3, RandomPurpose::test);
  SequenceBatch batch;
  for (std::size_t i = 0; i < 20; ++i) {
    batch.lengths.push_back(3 + i % 5);
    float sum = 0;
    for (std::size_t t = 0; t < batch.lengths.back(); ++t) {
      batch.numbers.push_back(random.uniform(10 * i + t));
      sum += batch.numbers.back();
      batch.values.push_back(sum / static_cast<float>(t + 1));
    }
  }
  const double before = model.train(batch, 0.01F);
  for (int step = 0; step < 150; ++step) model.train(batch, 0.01F);
  EXPECT_LT(model.evaluate(batch).loss, before / 50);
}

TEST(SequenceModel, TrainingReturnsTheLossThatEvaluationFinds) {
  for_every_kind([](const SequenceModelOptions& options) {
    SequenceModel model(options);
    const SequenceBatch batch = random_batch(options, {5, 1, 9, 9, 3});
    const double before = model.evaluate(batch).loss;
    EXPECT_NEAR(model.train(batch, 0.01F), before, 1e-6 * before);
    EXPECT_LT(model.evaluate(batch).loss, before);
  });
}

TEST(SequenceModel, EvaluationFollowsThePredictions) {
  const SequenceModelOptions options = small_options("gru", Readout::every_step, Target::classes);
  const SequenceModel model(options);
  SequenceBatch batch = random_batch(options, {5, 2});
  batch.classes[3] = SequenceBatch::kNoClass;
  const std::vector<float> logits = model.predict(batch);
  double loss = 0, right = 0;
  for (std::size_t i = 0; i < batch.classes.size(); ++i) {
    if (i == 3) continue;
    const float* row = logits.data() + i * kOutputs;
    double sum = 0;
    for (std::size_t k = 0; k < kOutputs; ++k) sum += std::exp(static_cast<double>(row[k]));
    const auto target = static_cast<std::size_t>(batch.classes[i]);
    loss += std::log(sum) - static_cast<double>(row[target]);
    right += std::max_element(row, row + kOutputs) == row + target ? 1 : 0;
  }
  const SequenceResult result = model.evaluate(batch);
  EXPECT_EQ(result.predictions, 6U);
  EXPECT_NEAR(result.loss, loss / 6, 1e-6);
  EXPECT_DOUBLE_EQ(result.correct, right / 6);
}

// A prediction without a target leaves no trace in what is learnt.
TEST(SequenceModel, PredictionsWithoutATargetAreLeftOut) {
  const SequenceModelOptions options = small_options("lstm", Readout::last_step, Target::classes);
  SequenceModel without(options), alone(options);
  SequenceBatch batch = random_batch(options, {6, 4, 7});
  batch.classes = {SequenceBatch::kNoClass, 2, SequenceBatch::kNoClass};
  SequenceBatch second;
  append(second, options, 4, 1);
  second.classes = {2};
  EXPECT_NEAR(without.train(batch, 0.01F), alone.train(second, 0.01F), 1e-6);
  const std::vector<float> a = without.predict(batch), b = alone.predict(batch);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4);
}

TEST(SequenceModel, OrderAndCompanyDoNotChangeABitOfAPrediction) {
  for_every_kind([](const SequenceModelOptions& options) {
    SequenceModel model(options);
    const std::vector<std::size_t> lengths = {5, 1, 9, 5, 30, 3, 1};
    model.train(random_batch(options, lengths), 0.05F);
    const std::vector<float> together = model.predict(random_batch(options, lengths));

    std::vector<std::vector<float>> of_sequence;
    auto next = together.begin();
    for (const std::size_t length : lengths) {
      const std::size_t count = (options.readout == Readout::every_step ? length : 1) * options.outputs;
      of_sequence.emplace_back(next, next + static_cast<std::ptrdiff_t>(count));
      next += static_cast<std::ptrdiff_t>(count);
    }
    ASSERT_EQ(next, together.end());

    SequenceBatch permuted;
    std::vector<float> expected;
    for (const std::size_t i : {3U, 6U, 0U, 4U, 1U, 5U, 2U}) {
      append(permuted, options, lengths[i], static_cast<std::uint32_t>(i));
      expected.insert(expected.end(), of_sequence[i].begin(), of_sequence[i].end());
    }
    EXPECT_EQ(model.predict(permuted), expected);

    for (std::size_t i = 0; i < lengths.size(); ++i) {
      SequenceBatch alone;
      append(alone, options, lengths[i], static_cast<std::uint32_t>(i));
      EXPECT_EQ(model.predict(alone), of_sequence[i]) << "sequence " << i;
    }
  });
}

TEST(SequenceModel, LargeBatchesArePredictedInParts) {
  SequenceModelOptions options = small_options("gru", Readout::last_step, Target::values);
  options.network = {.cell = "gru", .layers = 1, .hidden = 4};
  const SequenceModel model(options);
  std::vector<std::size_t> lengths(300, 100);
  lengths[1] = 40000;
  lengths[299] = 39999;
  const SequenceBatch batch = random_batch(options, lengths);
  const std::vector<float> outputs = model.predict(batch);
  ASSERT_EQ(outputs.size(), 300 * kOutputs);
  for (const std::size_t i : {0U, 1U, 150U, 299U}) {
    SequenceBatch alone;
    append(alone, options, lengths[i], static_cast<std::uint32_t>(i));
    EXPECT_TRUE(std::ranges::equal(model.predict(alone), std::span(outputs).subspan(i * kOutputs, kOutputs))) << i;
  }
  EXPECT_EQ(model.evaluate(batch).predictions, 300U);
}

TEST(SequenceModel, ThreadsDoNotChangeABit) {
  for_every_kind([](SequenceModelOptions options) {
    options.network.dropout = 0.2F;
    std::vector<float> first;
    for (const std::size_t threads : {1U, 2U, 3U}) {
      const WithThreads with(threads);
      SequenceModel model(options);
      const SequenceBatch batch = random_batch(options, {5, 1, 40, 5, 30, 3, 1});
      for (int step = 0; step < 3; ++step) model.train(batch, 0.01F);
      const std::vector<float> outputs = model.predict(batch);
      if (first.empty()) first = outputs;
      EXPECT_EQ(outputs, first) << threads << " threads";
    }
  });
}

TEST(SequenceModel, TheSeedDecides) {
  SequenceModelOptions options = small_options("lstm", Readout::last_step, Target::values);
  const SequenceBatch batch = random_batch(options, {4, 6});
  const std::vector<float> one = SequenceModel(options).predict(batch);
  EXPECT_EQ(SequenceModel(options).predict(batch), one);
  options.seed = 2;
  EXPECT_NE(SequenceModel(options).predict(batch), one);
}

TEST(SequenceModel, ADivergedStepLeavesTheParametersAsTheyWere) {
  const SequenceModelOptions options = small_options("lstm", Readout::last_step, Target::values);
  SequenceModel model(options);
  const SequenceBatch good = random_batch(options, {4, 6});
  SequenceModel untouched(options);
  SequenceBatch bad = good;
  bad.values[0] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(model.train(bad, 0.01F), Error);
  bad = good;
  bad.numbers[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(model.train(bad, 0.01F), Error);
  model.train(good, 0.01F);
  untouched.train(good, 0.01F);
  EXPECT_EQ(model.predict(good), untouched.predict(good));
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(SequenceModel, RefusesBadBatchesInOneLine) {
  struct Case {
    const char* expected;
    bool tokens;
    Target target;
    std::function<void(SequenceBatch&)> spoil;
  };
  const std::vector<Case> cases = {
      {"lengths: the batch is empty", false, Target::classes, [](SequenceBatch& b) { b = {}; }},
      {"lengths: sequence 1 has no steps", false, Target::classes, [](SequenceBatch& b) { b.lengths[1] = 0; }},
      {"expected 3 numbers for each, got 17", false, Target::classes, [](SequenceBatch& b) { b.numbers.pop_back(); }},
      {"tokens: the model reads numbers", false, Target::classes, [](SequenceBatch& b) { b.tokens = {1}; }},
      {"numbers: the model reads tokens", true, Target::classes, [](SequenceBatch& b) { b.numbers = {1}; }},
      {"expected as many tokens, got 7", true, Target::classes, [](SequenceBatch& b) { b.tokens.push_back(0); }},
      {"tokens: element 2 is 3, expected", true, Target::classes, [](SequenceBatch& b) { b.tokens[2] = 3; }},
      {"tokens: element 0 is -1, expected", true, Target::classes, [](SequenceBatch& b) { b.tokens[0] = -1; }},
      {"classes: expected one for each of 6 steps, got 5", false, Target::classes,
       [](SequenceBatch& b) { b.classes.pop_back(); }},
      {"classes: element 4 is 4, expected", false, Target::classes, [](SequenceBatch& b) { b.classes[4] = 4; }},
      {"classes: element 4 is -2, expected", false, Target::classes, [](SequenceBatch& b) { b.classes[4] = -2; }},
      {"classes: all are -1", false, Target::classes, [](SequenceBatch& b) { b.classes.assign(6, -1); }},
      {"values: the model predicts classes", false, Target::classes, [](SequenceBatch& b) { b.values = {1}; }},
      {"classes: the model predicts values", false, Target::values, [](SequenceBatch& b) { b.classes = {1}; }},
      {"values: expected 4 for each of 6 steps, got 25", false, Target::values,
       [](SequenceBatch& b) { b.values.push_back(1); }},
  };
  for (const Case& c : cases) {
    SequenceModelOptions options = small_options("lstm", Readout::every_step, c.target);
    options.tokens = c.tokens;
    SequenceModel model(options);
    SequenceBatch batch = random_batch(options, {4, 2});
    c.spoil(batch);
    for (const std::string& message :
         {message_of([&] { model.train(batch, 0.01F); }), message_of([&] { model.evaluate(batch); })}) {
      EXPECT_NE(message.find(c.expected), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }
}

TEST(SequenceModel, PredictionNeedsNoTargets) {
  const SequenceModelOptions options = small_options("elman", Readout::every_step, Target::classes);
  SequenceBatch batch = random_batch(options, {4, 2});
  batch.classes.clear();
  EXPECT_EQ(SequenceModel(options).predict(batch).size(), 6 * kOutputs);
}

TEST(SequenceModel, RefusesOptionsThatMakeNoSense) {
  const auto message = [](const std::function<void(SequenceModelOptions&)>& spoil) {
    SequenceModelOptions options = small_options("lstm", Readout::every_step, Target::classes);
    spoil(options);
    return message_of([&] { SequenceModel model(options); });
  };
  EXPECT_EQ(message([](auto&) {}), "no error");
  EXPECT_NE(message([](auto& o) { o.input = 0; }).find("input: expected"), std::string::npos);
  EXPECT_NE(message([](auto& o) { o.outputs = 0; }).find("outputs: expected"), std::string::npos);
  EXPECT_NE(message([](auto& o) { o.network.cell = "lsmt"; }).find("lsmt"), std::string::npos);
  EXPECT_NE(message([](auto& o) { o.network.hidden = 0; }), "no error");
  EXPECT_NE(message([](auto& o) { o.network.layers = 0; }), "no error");
  EXPECT_NE(message([](auto& o) { o.network.dropout = 1; }), "no error");
  EXPECT_NE(message([](auto& o) { o.optimizer.beta1 = 2; }), "no error");
}

}  // namespace
}  // namespace recur
