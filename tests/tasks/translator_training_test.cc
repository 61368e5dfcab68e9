// What changes while a translator is trained, what it predicts, and whether it learns.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "recur/model.h"
#include "recur/types/error.h"
#include "support/settings.h"
#include "support/translators.h"

namespace recur::translator_training_test {
namespace {

TEST(ScheduledSampling, ChangesOnlyTraining) {
  TranslateOptions options = letters(Attention::additive, true);
  options.scheduled_sampling = 0.9F;
  const Trainee t(options);
  for (float& value : t.network->parameters().values()) value *= 4;
  const auto training_loss = [&] {
    Tape tape;
    return t.loss_on(tape, *t.records, t.batch, {1, 3}).nats;
  };
  const double forced = t.nats(*t.records, t.batch);
  t.network->begin_epoch(0, 1);
  EXPECT_DOUBLE_EQ(training_loss(), forced);
  t.network->begin_epoch(4, 1);
  const double sampled = training_loss();
  t.network->begin_epoch(1, 1);
  EXPECT_NE(training_loss(), sampled);
  t.network->begin_epoch(4, 1);
  EXPECT_GT(std::abs(sampled - forced), 1e-3);
  EXPECT_EQ(training_loss(), sampled);
  EXPECT_EQ(t.nats(*t.records, t.batch), forced);
}

// What a decoder that has read the right tokens would write at a step is the input of the next.
TEST(ScheduledSampling, OfEverythingReadsTheMostProbableTokens) {
  TranslateOptions options = letters(Attention::general, true);
  options.scheduled_sampling = 1;
  const Trainee t(options);
  for (float& value : t.network->parameters().values()) value *= 4;  // or it would write the same token always
  const Batch whole = make_batch(t.network->fields(), *t.records, t.batch);
  const auto nats = [&](const Batch& batch) {
    Tape tape(false);
    return t.network->loss({tape, t.network->parameters(), Noise::silent()}, batch).nats;
  };
  Batch guessed = whole;
  const Steps& steps = whole.fields[kTarget].steps;
  for (std::size_t step = 0; step + 1 < steps.length(); ++step) {
    for (std::size_t row = 0; row < steps.rows(step + 1); ++row) {
      double least = 1e9;
      for (int token = 0; token < 6; ++token) {
        Batch changed = whole;
        changed.fields[kTarget].targets[steps.offset(step) + row] = token;
        const double loss = nats(changed);
        if (loss < least) {
          least = loss;
          guessed.fields[kTarget].ids[steps.offset(step + 1) + row] = token;
        }
      }
    }
  }
  const std::vector<int>& ids = guessed.fields[kTarget].ids;
  EXPECT_NE(std::ranges::adjacent_find(ids.begin() + static_cast<std::ptrdiff_t>(steps.offset(1)), ids.end(),
                                       std::not_equal_to<>()),
            ids.end());
  t.network->begin_epoch(4, 1);
  Tape tape;
  EXPECT_NEAR(t.loss_on(tape, *t.records, t.batch, {1, 3}).nats, nats(guessed), 1e-4);
}

// Untrained, all outputs are wrong but their number and order are right.
TEST(TranslatorPredictions, AreWhatEachSourceGivesAlone) {
  const WithThreads one(1);
  const Trainee t(letters(Attention::general, true, "lstm", 2));
  PredictOptions options;
  options.decode.beam = 3;
  options.decode.n_best = 2;
  const std::vector<std::string> sources = {"a", "abcabc", "cab", "bb"};
  const std::vector<std::string> together = t.predict("a\nabcabc\ncab\nbb\n", options);
  ASSERT_EQ(together.size(), 8U);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const std::vector<std::string> alone = t.predict(sources[i] + "\n", options);
    for (std::size_t k = 0; k < 2; ++k) {
      const std::string& line = together[2 * i + k];
      EXPECT_EQ(line.substr(0, line.find('\t')), std::to_string(i + 1));
      const auto output = [](const std::string& text) { return text.substr(text.rfind('\t')); };
      EXPECT_EQ(output(line), output(alone[k]));
      EXPECT_NEAR(std::stod(line.substr(line.find('\t'))), std::stod(alone[k].substr(alone[k].find('\t'))), 2e-5);
    }
  }
}

void set_bias(Parameters& parameters, std::size_t token, float value) {
  for (const Parameters::Declaration& d : parameters.declarations()) {
    if (d.name == "decoder.output.bias") parameters.values()[d.offset + token] = value;
  }
}

// The outputs, and how many of them were cut.
std::pair<std::string, std::size_t> predicted(const Network& network, const Records& records, std::size_t max_output) {
  PredictOptions options;
  options.decode.beam = 1;
  options.decode.max_output = max_output;
  std::vector<std::string> lines(records.size());
  std::size_t cut = 0;
  predict(network, records, options, [&](std::size_t record, Prediction&& prediction) {
    lines[record] = prediction_text(prediction);
    cut += std::get<TextPrediction>(prediction).outputs.front().ended ? 0 : 1;
  });
  std::string text;
  for (const std::string& line : lines) text += line;
  return {text, cut};
}

// By a network that never ends them.
TEST(TranslatorPredictions, AreCutWhereTheTrainingDataHasLongEnded) {
  const Trainee t(letters(Attention::general, true), "ab\t" + std::string(60, 'x') + "\nba\txx\n");
  constexpr std::size_t kUnknown = 0, kEnd = 2;
  set_bias(t.network->parameters(), kUnknown, -1000);
  set_bias(t.network->parameters(), kEnd, -1000);
  const auto records = t.read("a\nab\n", false);
  PredictOptions two;
  two.decode.beam = 2;
  using Expected = std::pair<std::string, std::size_t>;
  EXPECT_EQ(predicted(*t.network, *records, 0), Expected(std::string(51, 'x') + "\n" + std::string(82, 'x') + "\n", 2));
  EXPECT_EQ(predicted(*t.network, *records, 3), Expected("xxx\nxxx\n", 2));
  EXPECT_EQ(t.metrics(*t.records, two)["cut_outputs"], 2);

  nlohmann::json configuration = t.network->configuration();
  const auto copy = [&] {
    auto network = Network::load("translate", configuration);
    network->parameters().allocate();
    std::ranges::copy(t.network->parameters().values(), network->parameters().values().begin());
    return network;
  };
  EXPECT_EQ(predicted(*copy(), *records, 0).first.size(), 51U + 82U + 2);
  configuration.erase("output_bound");  // as files were before
  EXPECT_EQ(predicted(*copy(), *records, 0).first.size(), 22U + 24U + 2);
  configuration["output_bound"] = {{"per_token", -1}, {"more", 20}};
  EXPECT_THROW(copy(), Error);

  set_bias(t.network->parameters(), kEnd, 1000);
  EXPECT_EQ(predicted(*t.network, *records, 0), Expected("\n\n", 0));
  EXPECT_FALSE(t.metrics(*t.records).contains("cut_outputs"));
}

TEST(TranslatorEvaluation, CountsTokensThatItDoesNotKnow) {
  const Trainee t(letters(Attention::none, false));
  EXPECT_FALSE(t.metrics(*t.records).contains("unknown"));
  EXPECT_EQ(t.metrics(*t.read("a\tx?x!\n", true))["unknown"], 2);
}

TEST(TranslatorPredictions, AlignmentsCoverTheSource) {
  for (const bool reverse : {false, true}) {
    TranslateOptions options = letters(Attention::additive, true);
    options.reverse_source = reverse;
    const Trainee t(options);
    PredictOptions how;
    std::vector<Alignment> alignments;
    how.alignments = true;
    const auto records = t.read("abc\n\ncaaab\n", false);
    alignments.resize(records->size());
    predict(*t.network, *records, how, [&](std::size_t record, Prediction&& prediction) {
      alignments[record] = std::get<TextPrediction>(prediction).alignment;
    });
    ASSERT_EQ(alignments.size(), 2U);
    EXPECT_EQ(alignments[1].source, (std::vector<std::string>{"c", "a", "a", "a", "b"}));
    for (const Alignment& a : alignments) {
      ASSERT_EQ(a.weights.size(), a.source.size() * a.target.size());
      for (std::size_t row = 0; row < a.target.size(); ++row) {
        const auto first = a.weights.begin() + static_cast<std::ptrdiff_t>(row * a.source.size());
        EXPECT_NEAR(std::accumulate(first, first + static_cast<std::ptrdiff_t>(a.source.size()), 0.0F), 1.0F, 1e-5F);
      }
    }
  }
}

// Words of three of six letters, their letters in reverse.
std::string reversals() {
  std::string text;
  for (int i = 0; i < 216; ++i) {
    const std::string word = {"abcdef"[i % 6], "abcdef"[i / 6 % 6], "abcdef"[i / 36]};
    text += word + "\t" + std::string(word.rbegin(), word.rend()) + "\n";
  }
  return text;
}

TEST(TranslatorTraining, LearnsToReverseWords) {
  for (const Attention attention : {Attention::none, Attention::additive, Attention::dot, Attention::general}) {
    SCOPED_TRACE(to_string(attention));
    const TempFolder folder;
    Job job;
    job.data = job.validation = folder.write("words.tsv", reversals());
    job.model = folder.file("m.safetensors");
    TranslateOptions options;
    options.network = {.cell = "gru", .layers = 1, .hidden = 32, .bidirectional = attention == Attention::additive};
    options.source.kind = options.target.kind = TokenizerKind::character;
    options.embedding = 16;
    options.attention = attention;
    options.measure = OutputMeasure::exact;
    job.task = options;
    job.training.batch = 12;
    job.training.epochs = 20;
    job.training.schedule.learning_rate = 0.01F;
    TrainingResult result;
    const Model model = Model::train(job, {}, {}, &result);
    EXPECT_EQ(result.best_measure, 1.0);
    EXPECT_EQ(predicted_lines(model, folder.write("new.txt", "fed\ncab\n")), "def\nbac\n");
  }
}

// Names that occur once are unknown on both sides; what is looked at is written.
TEST(TranslatorTraining, CopiesUnknownWords) {
  const TempFolder folder;
  std::string pairs;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "name" + std::to_string(i);
    pairs += "ja\tyes\nnein\tno\n" + name + "\t" + name + "\n";
  }
  TranslateOptions options;
  options.network = {.cell = "gru", .layers = 1, .hidden = 12};
  options.embedding = 8;
  options.source.words.min_count = options.target.words.min_count = 2;
  options.measure = OutputMeasure::exact;
  Job job;
  job.data = job.validation = folder.write("pairs.tsv", pairs);
  job.model = folder.file("m.safetensors");
  job.training.batch = 8;
  job.training.epochs = 6;
  job.training.schedule.learning_rate = 0.02F;
  const auto predicted = [&](std::size_t most, const char* sources) {
    job.task = options;
    PredictOptions how;
    how.decode.beam = 1;
    how.max_length = most;
    return predicted_lines(Model::train(job), folder.write("new.txt", sources), how);
  };
  EXPECT_EQ(predicted(10, "nein\nOtto\nja\n"), "no\nOtto\nyes\n");
  options.reverse_source = true;
  EXPECT_EQ(predicted(1, "Otto ja nein\n"), "Otto\n");  // of which one word is read
  options.copy_unknown = false;
  EXPECT_EQ(predicted(10, "Otto\n"), "<unk>\n");
}

}  // namespace
}  // namespace recur::translator_training_test
