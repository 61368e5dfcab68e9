// A translator's loss and its gradients, and whether what it predicts goes with them.
#include <gtest/gtest.h>

#include <sstream>

#include "support/gradient_check.h"
#include "support/settings.h"
#include "support/translators.h"

namespace recur::translator_test {
namespace {

// The loss that the gradient is one of, of the whole batch, as a function of the parameters. Smoothing mixes the losses
// of all tokens into it.
Computation smoothed_loss(Trainee& t, float smoothing) {
  return [&t, smoothing](Tape& tape, std::vector<std::vector<float>>& arrays, std::vector<std::vector<float>>& d) {
    Parameters& parameters = t.network->parameters();
    std::ranges::copy(arrays[0], parameters.values().begin());
    std::ranges::fill(parameters.gradients(), 0.0F);
    const LossSum loss = t.loss_on(tape, *t.records, t.batch, Noise::silent());
    if (tape.recording()) {
      tape.backward();
      std::ranges::copy(parameters.gradients(), d[0].begin());
    }
    if (smoothing == 0 || tape.recording()) return loss.mean();
    const int vocabulary = 6;  // <unk>, <s>, </s>, x, y, z
    double all = 0;
    for (int token = 0; token < vocabulary; ++token) all += nats_with_all_targets(t, token);
    const auto share = static_cast<double>(smoothing);
    return ((1 - share) * loss.nats + share / vocabulary * all) / static_cast<double>(loss.predictions);
  };
}

void expect_right_gradients(const TranslateOptions& options) {
  Trainee t(options);
  const std::span<const float> values = t.network->parameters().values();
  expect_gradients(smoothed_loss(t, options.label_smoothing), {{values.begin(), values.end()}}, 1e-3);
}

std::vector<TranslateOptions> kinds() {
  std::vector<TranslateOptions> all;
  for (const char* cell : {"gru", "lstm"}) {
    for (const std::size_t layers : {1U, 2U}) {
      for (const Attention attention : {Attention::none, Attention::additive, Attention::dot, Attention::general}) {
        all.push_back(letters(attention, false, cell, layers));
        if (attention != Attention::dot) all.push_back(letters(attention, true, cell, layers));
      }
    }
  }
  return all;
}

class Translators : public testing::TestWithParam<TranslateOptions> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Translators, testing::ValuesIn(kinds()), [](const auto& test) {
  const TranslateOptions& o = test.param;
  return std::string(to_string(o.attention)) + "_" + o.network.cell + std::to_string(o.network.layers) +
         (o.network.bidirectional ? "_both" : "_one");
});

TEST_P(Translators, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  expect_right_gradients(GetParam());
}

TEST_P(Translators, ABatchLosesWhatItsRecordsLoseAlone) {
  const WithThreads one(1);
  for (const bool reverse : {false, true}) {
    TranslateOptions options = GetParam();
    options.reverse_source = reverse;
    const Trainee t(options);
    double alone = 0;
    for (const std::size_t record : t.batch) alone += t.nats(*t.records, {record});
    EXPECT_NEAR(t.nats(*t.records, t.batch), alone, 1e-4);
  }
}

// Scores of outputs, found with a beam, against the loss of the same outputs as targets.
TEST_P(Translators, ScoresAreTheProbabilitiesOfTeacherForcing) {
  const WithThreads one(1);
  const Trainee t(GetParam());
  t.prefer_letters();
  PredictOptions options;
  options.decode.beam = options.decode.n_best = 4;
  options.decode.length_penalty = 0;
  std::string pairs;
  std::vector<double> scores;
  const std::vector<std::string> sources = {"abcab", "cb", "bbb", "a"};
  for (const std::string& line : t.predict("abcab\ncb\nbbb\na\n", options)) {
    std::istringstream parts(line);
    std::size_t number = 0;
    double score = 0;
    std::string output;
    parts >> number >> score >> output;
    if (output.empty() || output.size() >= 22) continue;  // no target, perhaps no end
    pairs += sources.at(number - 1) + "\t" + output + "\n";
    scores.push_back(score);
  }
  ASSERT_GE(scores.size(), 8U);
  const auto records = t.read(pairs, true);
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(-t.nats(*records, {i}), scores[i], 2e-5) << pairs;
}

TEST(TranslatorLoss, GradientsOfOptionsAgreeWithDifferences) {
  const WithThreads one(1);
  const Attention all[] = {Attention::none, Attention::additive, Attention::general};
  for (const Attention attention : all) {
    SCOPED_TRACE(to_string(attention));
    TranslateOptions tied = letters(attention, true);
    tied.tied = true;
    tied.embedding = 3;
    tied.label_smoothing = 0.2F;
    expect_right_gradients(tied);
    TranslateOptions adaptive = letters(attention, true);
    adaptive.softmax = Softmax::adaptive;
    expect_right_gradients(adaptive);
    TranslateOptions sampled = letters(attention, true);
    sampled.softmax = Softmax::sampled;  // of more tokens than there are
    expect_right_gradients(sampled);
  }
  TranslateOptions one_hot = letters(Attention::none, false, "lstm");
  one_hot.embedding = 0;
  expect_right_gradients(one_hot);
}

// All that training draws, the same for each difference.
TEST(TranslatorLoss, GradientsUnderNoiseAgreeWithDifferences) {
  const WithThreads one(1);
  for (const Attention attention : {Attention::none, Attention::additive}) {
    SCOPED_TRACE(to_string(attention));
    TranslateOptions options = letters(attention, true, "gru", 2);
    options.network.dropout = options.network.weight_drop = options.network.zoneout = 0.25F;
    options.embedding_dropout = 0.2F;
    Trainee t(options);
    Parameters& parameters = t.network->parameters();
    Tape tape;  // it records, so that noise is drawn for differences too
    const Computation noisy = [&](Tape&, std::vector<std::vector<float>>& arrays, std::vector<std::vector<float>>& d) {
      std::ranges::copy(arrays[0], parameters.values().begin());
      std::ranges::fill(parameters.gradients(), 0.0F);
      tape.rewind();
      const LossSum loss = t.loss_on(tape, *t.records, t.batch, {7, 2});
      tape.backward();
      std::ranges::copy(parameters.gradients(), d[0].begin());
      return loss.mean();
    };
    const std::span<const float> values = parameters.values();
    expect_gradients(noisy, {{values.begin(), values.end()}}, 1e-3);
  }
}

// Both know the same letters; what is not dropped has a gradient.
TEST(TranslatorNoise, EncoderAndDecoderDropOtherRowsOfTheirTables) {
  TranslateOptions options = letters(Attention::additive, true);
  options.embedding_dropout = 0.5F;
  const std::string text = "abcdefghijklmnopqrstuvwxyz";
  const Trainee t(options, text + "\t" + text + "\n");
  Tape tape;
  t.loss_on(tape, *t.records, t.batch, {7, 2});
  tape.backward();
  const Parameters& parameters = t.network->parameters();
  const auto kept = [&](const std::string& name) {
    std::vector<bool> rows;
    const auto place = std::ranges::find(parameters.declarations(), name, &Parameters::Declaration::name);
    const Parameter table = parameters[static_cast<std::size_t>(place - parameters.declarations().begin())];
    for (std::size_t row = table.rows - text.size(); row < table.rows; ++row) {
      rows.push_back(table.gradient[row * table.columns] != 0);
    }
    return rows;
  };
  const std::vector<bool> encoder = kept("encoder.embedding.weight"), decoder = kept("decoder.embedding.weight");
  EXPECT_NE(encoder, decoder);
  for (const std::vector<bool>& rows : {encoder, decoder}) {
    const auto count = std::ranges::count(rows, true);
    EXPECT_TRUE(count > 3 && count < 23) << count;
  }
}

TEST(TranslatorLoss, TheNumberOfThreadsChangesNoBit) {
  for (const Attention attention : {Attention::none, Attention::additive, Attention::general}) {
    TranslateOptions options = letters(attention, true, "lstm", 2);
    options.network.hidden = 37;
    options.embedding = 19;
    std::string pairs;
    for (int i = 40; i > 0; --i) pairs += std::string(static_cast<std::size_t>(i / 4 + 1), "abc"[i % 3]) + "\txyzzy\n";
    Trainee t(options, pairs);
    const std::span<const float> values = t.network->parameters().values();
    expect_same_on_any_threads(smoothed_loss(t, 0), {{values.begin(), values.end()}});
  }
}

TEST(TranslatorLoss, ReadsAReversedSourceFromItsEnd) {
  TranslateOptions options = letters(Attention::additive, false);
  const Trainee straight(options, "acb\tx\nba\ty\nbb\tz\n");
  options.reverse_source = true;
  const Trainee reversed(options, "bca\tx\nab\ty\nbb\tz\n");
  EXPECT_EQ(straight.nats(*straight.records, straight.batch), reversed.nats(*reversed.records, reversed.batch));
  // Its end is cut before.
  EXPECT_EQ(straight.nats(*straight.read("ba\tx\n", true), {0}),
            reversed.nats(*reversed.read("abcc\tx\n", true, 2), {0}));
}

}  // namespace
}  // namespace recur::translator_test
