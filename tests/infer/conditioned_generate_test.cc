// What conditioned language models write, and whether it goes with the probabilities they give.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "infer/generate.h"
#include "recur/model.h"
#include "recur/types/error.h"
#include "support/cells.h"
#include "support/conditioned.h"
#include "support/settings.h"
#include "support/streams.h"

namespace recur::conditioned_generate_test {
namespace {

// A text's -log p by a network that runs token by token.
double nats_step_by_step(const Network& n, int label, const std::string& text) {
  const TextCodec& codec = field_as<TextField>(n.fields(), "text", "test").codec();
  LogitStream stream(n, n.fed(label));
  n.begin_text(label, stream.state());
  double nats = 0;
  std::vector<int> tokens = codec.encode(text);
  tokens.push_back(codec.end());
  int input = codec.begin();
  for (const int token : tokens) {
    const std::span<const float> logits = stream.step(input);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    nats += std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(token)]);
    input = token;
  }
  return nats;
}

void expect_same_step_by_step(const ConditionedOptions& options) {
  const WithThreads one(1);
  const ConditionedTrainee t(options);
  for (const int label : {0, 1, 2}) {
    const auto whole = t.predict(t.network->conditions()->names()[static_cast<std::size_t>(label)] + "\tbacca\n");
    ASSERT_EQ(whole.size(), 1U);
    EXPECT_NEAR(nats_step_by_step(*t.network, label, "bacca"), whole[0].first, 2e-5);
    EXPECT_EQ(whole[0].second, 6U);
  }
}

class ConditionedSteps : public testing::TestWithParam<ConditionedOptions> {};
INSTANTIATE_TEST_SUITE_P(Kinds, ConditionedSteps, testing::ValuesIn(conditioned_kinds()), conditioned_test_name);

TEST_P(ConditionedSteps, HaveTheProbabilitiesOfTheWholeText) { expect_same_step_by_step(GetParam()); }

TEST_P(ConditionedSteps, DependOnTheLabel) {
  const ConditionedTrainee t(GetParam());
  const auto predicted = t.predict("jig\tbacca\nreel\tbacca\n");
  EXPECT_GT(std::abs(predicted[0].first - predicted[1].first), 1e-3);
}

class ConditionedCells : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, ConditionedCells, every_cell(), cell_test_name);

TEST_P(ConditionedCells, HaveTheProbabilitiesOfTheWholeText) {
  expect_same_step_by_step(conditioned_letters(GetParam().c_str(), 1, true));
}

// With even odds for everything it would write <s> or <unk> soon.
TEST(ConditionedSampling, NeverWritesSpecials) {
  const ConditionedTrainee t(conditioned_letters());
  std::ranges::fill(t.network->parameters().values(), 0.0F);
  std::map<std::size_t, int> lengths;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Generation options;
    options.seed = seed;
    options.length = 3;
    const std::string text = t.sample("jig", options);
    EXPECT_EQ(text.find_first_not_of("abc"), text.npos) << text;
    ++lengths[text.size()];
  }
  EXPECT_EQ(lengths.size(), 4U);  // 0 to 3: it ends some, others are as long as they may be
}

TEST(ConditionedSampling, WritesThePromptAndStopsBeforeTheStopText) {
  const ConditionedTrainee t(conditioned_letters());
  std::ranges::fill(t.network->parameters().values(), 0.0F);
  Generation options;
  options.prompt = "ab";
  options.length = 50;
  options.stops = {"ca"};
  for (options.seed = 1; options.seed <= 20; ++options.seed) {
    const std::string text = t.sample("jig", options);
    EXPECT_TRUE(text.starts_with("ab"));
    EXPECT_EQ(text.find("ca", 2), text.npos) << text;
  }
  options.prompt = "ax";
  EXPECT_THROW(t.sample("jig", options), Error);
}

TEST(ConditionedSampling, WritesSeveralThatEndWhereTheyDoAlone) {
  const ConditionedTrainee t(conditioned_letters("lstm", 2, true));
  Generation options;
  options.length = 20;
  Author author(*t.network, std::make_shared<NetworkStepper>(step_network(*t.network)), "reel", options);
  std::vector<std::string> texts;
  generate(author, 40, [&](std::string&& text) { texts.push_back(std::move(text)); });
  std::map<std::size_t, int> lengths;
  for (const std::string& text : texts) {
    EXPECT_EQ(text, t.sample("reel", options));
    ++options.seed;
    ++lengths[text.size()];
  }
  EXPECT_GT(lengths.size(), 3U);
}

// The end of a text need not be among what it may be written of, but it can be banned.
TEST(ConditionedSampling, EndsUnlessTheEndIsBanned) {
  const ConditionedTrainee t(conditioned_letters());
  std::ranges::fill(t.network->parameters().values(), 0.0F);
  Generation options;
  options.length = 50;
  options.allowed = {"a"};
  EXPECT_LT(t.sample("jig", options).size(), 50U);
  options.banned = {"</s>"};
  EXPECT_EQ(t.sample("jig", options), std::string(50, 'a'));
}

TEST(ConditionedSampling, PutsBlanksBetweenWords) {
  for (const TokenizerKind kind : {TokenizerKind::word, TokenizerKind::subword}) {
    ConditionedOptions options = conditioned_letters();
    options.text.kind = kind;
    options.text.subwords = 20;
    const ConditionedTrainee t(options, "a\tthe cat sat\nb\tthe cat ran\na\tthe cat\n");
    std::ranges::fill(t.network->parameters().values(), 0.0F);
    const TextCodec& codec = field_as<TextField>(t.network->fields(), "text", "test").codec();
    for (const char* prompt : {"the cat", "the cat "}) {
      Generation with;
      with.prompt = prompt;
      with.length = 5;
      for (with.seed = 1; with.seed <= 30; ++with.seed) {
        const std::string text = t.sample("a", with);
        EXPECT_TRUE(text.starts_with("the cat")) << text;
        // Words that are joined would not be read as they were written.
        EXPECT_EQ(codec.decode(codec.encode(text)), text);
        if (kind == TokenizerKind::word) {
          EXPECT_EQ(std::ranges::count(codec.encode(text), *codec.unknown()), 0) << text;
        }
      }
    }
  }
}

Job tiny_job(const TempFolder& folder, bool fed) {
  Job job;
  job.data = job.validation = folder.write("two.tsv", "up\tabcdefgh\ndown\thgfedcba\nnone\tx\n");
  job.model = folder.file("m.safetensors");
  ConditionedOptions options;
  options.network = {.cell = "lstm", .layers = 1, .hidden = 24};
  options.embedding = 8;
  options.condition_size = 4;
  options.feed_condition = fed;
  job.task = options;
  job.training.batch = 3;
  job.training.epochs = 100;
  job.training.schedule.learning_rate = 0.02F;
  return job;
}

TEST(ConditionedTraining, LearnsATextForEachLabelAndWhereItEnds) {
  for (const bool fed : {false, true}) {
    SCOPED_TRACE(fed);
    const TempFolder folder;
    const Model model = Model::train(tiny_job(folder, fed));
    Generation greedy;
    greedy.sampling.temperature = 0;
    EXPECT_EQ(model.generate(greedy, "up"), "abcdefgh");
    EXPECT_EQ(model.generate(greedy, "down"), "hgfedcba");
    EXPECT_EQ(model.generate(greedy, "none"), "x");
    greedy.length = 3;
    EXPECT_EQ(model.generate(greedy, "down"), "hgf");
    EXPECT_THROW(model.generate(greedy, "sideways"), Error);
  }
}

}  // namespace
}  // namespace recur::conditioned_generate_test
