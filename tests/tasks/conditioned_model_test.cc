// A conditioned language model's loss and its gradients, and what goes with them.

#include <gtest/gtest.h>

#include <cmath>

#include "data/text_field.h"
#include "recur/types/error.h"
#include "support/conditioned.h"
#include "support/gradient_check.h"
#include "support/settings.h"

namespace recur::conditioned_model_test {
namespace {

// The mean loss of the whole batch as a function of the parameters. On a tape that always records noise is drawn for
// differences too.
Computation mean_loss(ConditionedTrainee& t, Tape& tape, const Noise& noise) {
  return [&t, &tape, noise](Tape&, std::vector<std::vector<float>>& arrays, std::vector<std::vector<float>>& d) {
    Parameters& parameters = t.network->parameters();
    std::ranges::copy(arrays[0], parameters.values().begin());
    std::ranges::fill(parameters.gradients(), 0.0F);
    tape.rewind();
    const LossSum loss = t.loss_on(tape, *t.records, t.batch, noise);
    tape.backward();
    std::ranges::copy(parameters.gradients(), d[0].begin());
    return loss.mean();
  };
}

void expect_right_gradients(const ConditionedOptions& options, const Noise& noise = Noise::silent()) {
  ConditionedTrainee t(options);
  Tape tape;
  const std::span<const float> values = t.network->parameters().values();
  expect_gradients(mean_loss(t, tape, noise), {{values.begin(), values.end()}}, 1e-3);
}

class ConditionedModels : public testing::TestWithParam<ConditionedOptions> {};
INSTANTIATE_TEST_SUITE_P(Kinds, ConditionedModels, testing::ValuesIn(conditioned_kinds()), conditioned_test_name);

TEST_P(ConditionedModels, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  expect_right_gradients(GetParam());
}

TEST_P(ConditionedModels, ABatchLosesWhatItsRecordsLoseAlone) {
  const WithThreads one(1);
  const ConditionedTrainee t(GetParam());
  double alone = 0;
  std::vector<double> each;
  for (const std::size_t record : t.batch) {
    each.push_back(t.nats(*t.records, {record}));
    alone += each.back();
  }
  EXPECT_NEAR(t.nats(*t.records, t.batch), alone, 1e-4);
  const auto predicted = t.predict(kLabelledTexts);
  ASSERT_EQ(predicted.size(), each.size());
  for (std::size_t i = 0; i < each.size(); ++i) EXPECT_NEAR(predicted[i].first, each[i], 1e-4);
  EXPECT_EQ(predicted[0].second, 5U);
}

// So many that not all scores are in memory at once.
TEST(ConditionedLoss, OfLongTextsOfManyWordsIsWhatTheyLoseAlone) {
  ConditionedOptions options = conditioned_letters();
  options.text.kind = TokenizerKind::word;
  std::string first, second;
  for (int i = 0; i < 3000; ++i) {
    first += "w" + std::to_string(i) + " ";
    second += "w" + std::to_string(i * 7 % 3000) + " ";
  }
  const std::string texts = "a\t" + first + "\nb\t" + second + "\na\t" + second + "\n";
  const ConditionedTrainee t(options, texts);
  const auto predicted = t.predict(texts);
  ASSERT_EQ(predicted.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const double alone = t.nats(*t.records, {i});
    EXPECT_NEAR(predicted[i].first, alone, 1e-6 * alone);
  }
}

TEST(ConditionedLoss, GradientsUnderNoiseAgreeWithDifferences) {
  const WithThreads one(1);
  for (const bool fed : {false, true}) {
    ConditionedOptions options = conditioned_letters("gru", 2, fed);
    options.network.dropout = options.network.weight_drop = options.network.zoneout = 0.25F;
    options.embedding_dropout = 0.2F;
    expect_right_gradients(options, {7, 2});
  }
}

TEST(ConditionedLoss, TheNumberOfThreadsChangesNoBit) {
  ConditionedOptions options = conditioned_letters("lstm", 2, true);
  options.network.hidden = 37;
  options.embedding = 19;
  std::string texts;
  for (int i = 40; i > 0; --i) {
    texts += std::string(i % 2 == 0 ? "even" : "odd") + "\t" + std::string(static_cast<std::size_t>(i), "abc"[i % 3]);
    texts += "\n";
  }
  ConditionedTrainee t(options, texts);
  const std::span<const float> values = t.network->parameters().values();
  const Computation loss = [&](Tape&, auto& arrays, auto& d) {
    Tape tape;
    return mean_loss(t, tape, Noise::silent())(tape, arrays, d);
  };
  expect_same_on_any_threads(loss, {{values.begin(), values.end()}});
}

// Its tokens are all that is predicted: no end.
TEST(ConditionedRecords, OfATextThatWasCutHasNoEnd) {
  const ConditionedTrainee t(conditioned_letters());
  ReadOptions options;
  options.length.most = 3;
  const auto read = t.read("jig\tabcab\nair\tcab\n", options);
  const Records& records = *read;
  const Ragged<int>& ids = records.columns[kText].ids;
  const TextCodec& codec = field_as<TextField>(t.network->fields(), "text", "test").codec();
  EXPECT_EQ(records.cut, 1U);
  EXPECT_EQ(records.lengths, (std::vector<std::uint32_t>{3, 4}));
  EXPECT_EQ(ids[0].front(), codec.begin());
  EXPECT_EQ(codec.decode(ids[0].subspan(1)), "abc");
  EXPECT_NE(ids[0].back(), codec.end());
  EXPECT_EQ(ids[1].back(), codec.end());
  const double all = t.predict("jig\tabcab\n")[0].first;
  EXPECT_LT(t.predict("jig\tabcab\n", 3)[0].first, all);

  options.length.drop = true;
  EXPECT_EQ(t.read("jig\tabcab\nair\tcab\n", options)->size(), 1U);
}

TEST(ConditionedScore, CountsRecordsTokensAndUnknownOnes) {
  const ConditionedTrainee t(conditioned_letters());
  const auto of = [&](const char* texts) { return t.metrics(*t.read(texts)); };
  const auto known = of("jig\tab\nair\tcab\n");
  EXPECT_EQ(known["records"], 2);
  EXPECT_EQ(known["tokens"], 7);
  EXPECT_FALSE(known.contains("unknown"));
  const double nats = known["nats_per_token"];
  EXPECT_NEAR(nats * 7, t.predict("jig\tab\n")[0].first + t.predict("air\tcab\n")[0].first, 1e-4);
  EXPECT_NEAR(known["bits_per_token"], nats / std::log(2.0), 1e-9);
  EXPECT_NEAR(known["perplexity"], std::exp(nats), 1e-9);
  EXPECT_EQ(of("jig\taxb\nair\tyz\n")["unknown"], 3);
}

TEST(ConditionedTraining, OptionsThatMakeNoSenseAreRefused) {
  const auto message = [](const ConditionedOptions& options, const std::string& texts = kLabelledTexts) -> std::string {
    try {
      const ConditionedTrainee t(options, texts);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  ConditionedOptions options = conditioned_letters();
  options.network.bidirectional = true;
  EXPECT_NE(message(options).find("backwards"), std::string::npos);
  options = conditioned_letters();
  options.network.learned_state = true;
  EXPECT_TRUE(message(options).starts_with("--learned-state: "));
  options = conditioned_letters();
  options.condition_size = 0;
  EXPECT_TRUE(message(options).starts_with("--condition-size: "));
  options = conditioned_letters("lstm", 1, true);
  options.embedding = 0;
  EXPECT_TRUE(message(options).starts_with("--feed-condition: "));
  options = conditioned_letters();
  options.text.kind = TokenizerKind::byte;
  EXPECT_TRUE(message(options).starts_with("--tokenizer: "));
  EXPECT_NE(message(conditioned_letters(), "a\tb\na\tc\n").find("all records have the label \"a\""), std::string::npos);
}

}  // namespace
}  // namespace recur::conditioned_model_test
