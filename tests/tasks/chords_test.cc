// The task chords: its loss and gradients, what batches and threads must not change, and that it learns.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/notes_field.h"
#include "recur/model.h"
#include "support/records.h"
#include "support/resumed.h"
#include "support/settings.h"

namespace recur::chords_test {
namespace {

constexpr const char* kPieces =
    "{\"notes\": [[60, 64, 67], [60], [], [21, 108]]}\n"
    "{\"notes\": [[62]]}\n"
    "{\"notes\": [[], [64, 65]]}\n";

ChordsOptions options_of(const char* cell) {
  ChordsOptions options;
  options.network = {.cell = cell, .layers = 1, .hidden = 3};
  return options;
}

class Chords : public testing::TestWithParam<const char*> {
 protected:
  const WithThreads alone_{1};
  RecordsCase case_{options_of(GetParam()), kPieces, 0.5F};
};
INSTANTIATE_TEST_SUITE_P(All, Chords, testing::Values("elman", "lstm", "gru"));

TEST_P(Chords, GradientsAgreeWithDifferences) { expect_gradients(case_.mean_loss(), case_.values(), 2e-3); }

TEST_P(Chords, AreTheSameOnAnyThreads) { expect_same_on_any_threads(case_.mean_loss(), case_.values()); }

TEST_P(Chords, ABatchLosesWhatItsPiecesLoseAlone) {
  const LossSum all = case_.loss(case_.batch);
  LossSum alone;
  for (const std::size_t record : {2U, 0U, 1U}) alone += case_.loss({record});
  EXPECT_EQ(all.predictions, 7U);
  EXPECT_EQ(alone.predictions, 7U);
  EXPECT_NEAR(all.nats, alone.nats, 1e-6 * all.nats);
}

TEST_P(Chords, PredictionsHaveTheLossOfTheirPieces) {
  predict(*case_.network, *case_.records, {}, [&](std::size_t record, Prediction&& prediction) {
    const auto& piece = std::get<NotesPrediction>(prediction);
    EXPECT_NEAR(piece.nats, case_.loss({record}).nats, 1e-6 * piece.nats);
    EXPECT_EQ(piece.steps.size(), case_.records->lengths[record]);
  });
}

// A parameter as PyTorch has it, [rows, columns].
std::vector<double> array(const Network& network, const std::string& name) {
  const Parameters& parameters = network.parameters();
  for (const Parameters::Declaration& of : parameters.declarations()) {
    if (of.name != name) continue;
    const float* from = parameters.values().data() + of.offset;
    std::vector<double> values(from, from + of.size);
    if (!of.transposed) return values;
    const auto rows = static_cast<std::size_t>(of.shape[0]), columns = of.size / rows;
    for (std::size_t i = 0; i < of.size; ++i) values[i] = static_cast<double>(from[i % columns * rows + i / columns]);
    return values;
  }
  ADD_FAILURE() << "no parameter " << name;
  return std::vector<double>(1000);
}

// h(t) = tanh(W v(t - 1) + b + U h(t - 1) + c); each note sounds with probability sigmoid(V h(t) + d).
TEST(ChordsLoss, IsThatOfItsEquations) {
  const RecordsCase c(options_of("elman"), kPieces);
  const Network& network = *c.network;
  constexpr std::size_t kHidden = 3;
  const auto w = array(network, "rnn.weight_ih_l0"), u = array(network, "rnn.weight_hh_l0");
  const auto b = array(network, "rnn.bias_ih_l0"), b2 = array(network, "rnn.bias_hh_l0");
  const auto v = array(network, "output.weight"), d = array(network, "output.bias");
  const std::vector<std::vector<int>> piece = {{60, 64, 67}, {60}, {}, {21, 108}};
  std::vector<double> h(kHidden, 0), read(kKeys, 0);
  double nats = 0;
  for (const std::vector<int>& step : piece) {
    std::vector<double> next(kHidden);
    for (std::size_t i = 0; i < kHidden; ++i) {
      double sum = b[i] + b2[i];
      for (std::size_t k = 0; k < kKeys; ++k) sum += w[i * kKeys + k] * read[k];
      for (std::size_t j = 0; j < kHidden; ++j) sum += u[i * kHidden + j] * h[j];
      next[i] = std::tanh(sum);
    }
    h = next;
    std::fill(read.begin(), read.end(), 0);
    for (const int note : step) read[static_cast<std::size_t>(note - 21)] = 1;
    for (std::size_t k = 0; k < kKeys; ++k) {
      double logit = d[k];
      for (std::size_t j = 0; j < kHidden; ++j) logit += v[k * kHidden + j] * h[j];
      nats += read[k] > 0 ? std::log1p(std::exp(-logit)) : std::log1p(std::exp(logit));
    }
  }
  EXPECT_NEAR(c.loss({0}).nats, nats, 1e-5 * nats);
}

// Who says nothing of any key is off by a bit for each.
TEST(ChordsLoss, OfANetworkThatSaysNothingIsABitAKey) {
  const RecordsCase c(options_of("lstm"), kPieces);
  std::ranges::fill(c.network->parameters().values(), 0.0F);
  EXPECT_NEAR(c.loss(c.batch).mean(), 88 * std::log(2.0), 1e-4);
}

TEST(ChordsLoss, OfAStepKnowsNothingOfIt) {
  const RecordsCase c(options_of("lstm"), kPieces);
  std::vector<std::vector<std::vector<int>>> predicted;
  const auto other = c.read("{\"notes\": [[60], [72]]}\n{\"notes\": [[60], [48, 50]]}\n");
  predict(*c.network, *other, {}, [&](std::size_t, Prediction&& prediction) {
    predicted.push_back(std::get<NotesPrediction>(prediction).steps);
  });
  ASSERT_EQ(predicted.size(), 2U);
  EXPECT_EQ(predicted[0], predicted[1]);
}

TEST(ChordsMisuse, OfARecipeThatRunsBackwards) {
  ChordsOptions options = options_of("lstm");
  options.network.bidirectional = true;
  try {
    RecordsCase c(options, kPieces);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("--bidirectional: ")) << error.what();
  }
}

// Piano rolls in memory are the same as lists of notes in a file.
TEST(ChordsRecords, MayBePianoRolls) {
  const RecordsCase c(options_of("gru"), kPieces);
  Numbers roll{std::vector<double>(2 * 128), 128};
  roll.values[128 + 64] = 90;
  roll.values[128 + 65] = 1;
  const std::vector<Record> records = {{{"notes", roll}}};
  const auto read = read_records(c.network->fields(), RecordData(records), {});
  EXPECT_EQ(c.nats(*read, {0}), c.nats(*c.records, {2}));
  EXPECT_EQ(std::get<Numbers>(c.network->fields()[0]->cell(read->columns[0], 0)).values[128 + 64], 1);
}

std::string scales() {
  std::string text;
  for (int i = 0; i < 12; ++i) {
    text += "{\"notes\": [";
    for (int t = 0; t < 10; ++t) text += fmt::format("{}[{}, {}]", t == 0 ? "" : ", ", 48 + (i + t) % 12, 60 + i);
    text += "]}\n";
  }
  return text;
}

struct ScalesJob {
  explicit ScalesJob(std::size_t epochs) {
    job.data = job.validation = folder.write("scales.jsonl", scales());
    job.model = folder.file("m.safetensors");
    ChordsOptions options = options_of("gru");
    options.network.hidden = 64;
    options.network.dropout = 0.1F;
    job.task = options;
    job.training.epochs = epochs;
    job.training.batch = 4;
    job.training.schedule.learning_rate = 0.02F;
  }
  double nats() const { return Model::load(job.model).evaluate(job.validation).nats; }

  TempFolder folder;
  Job job;
};

// The first chord is one of twelve, log 12 nats or 0.25 a step; after it all follows.
TEST(ChordsTraining, LearnsScales) {
  const ScalesJob scales(400);
  const Model model = Model::train(scales.job);
  EXPECT_LT(scales.nats(), 1.2);
  const auto metrics = nlohmann::json::parse(model.evaluate(scales.job.validation).metrics);
  EXPECT_EQ(metrics["pieces"], 12);
  EXPECT_EQ(metrics["steps"], 120);
  EXPECT_GT(metrics["accuracy"], 0.8);
}

TEST(ChordsTraining, GoesOnWithTheSameBits) {
  const ScalesJob whole(2);
  const std::string metrics = metrics_resumed(whole.job, 0);
  for (const int stop : {4}) {
    const ScalesJob stopped(2);
    EXPECT_EQ(metrics_resumed(stopped.job, stop), metrics) << stop;
  }
}

}  // namespace
}  // namespace recur::chords_test
