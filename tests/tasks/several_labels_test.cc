// A classifier of any number of labels a record: its loss, what it learns, and what it says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "recur/model.h"
#include "recur/stream.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::several_labels_test {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

constexpr const char* kTexts = "x,y\ta b c a\ny\tb a c\n\tc a\nz, x\tb\n";
constexpr const char* kNumbers =
    "{\"labels\": [\"up\", \"wide\"], \"sequence\": [[1, 5], [2, 4], [4, 5]]}\n"
    "{\"labels\": [], \"sequence\": [[3, 5], [1, 6]]}\n"
    "{\"labels\": [7], \"sequence\": [[0, 0]]}\n";

ClassifyOptions small(Pooling pooling, float focal = 0) {
  ClassifyOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 3, .bidirectional = true};
  o.embedding = 2;
  o.pooling = pooling;
  o.labels = LabelCount::several;
  o.focal = focal;
  return o;
}

TEST(SeveralLabels, GradientsAgreeWithDifferences) {
  const WithThreads one(1);
  for (const char* data : {kTexts, kNumbers}) {
    RecordsCase t(small(Pooling::mean), data);
    expect_gradients(t.mean_loss(), t.values(), 1e-3);
  }
}

// The sum over labels of -log of what is right, in double, from the same scores.
TEST(SeveralLabels, LoseTheProbabilityOfAllThatARecordHas) {
  const RecordsCase c(small(Pooling::last), kTexts);
  double expected = 0;
  recur::predict(*c.network, *c.records, {}, [&](std::size_t record, Prediction&& prediction) {
    const Strings has = std::get<Strings>(c.network->fields()[0]->cell(c.column(0), record));
    for (const auto& [label, probability] : std::get<LabelsPrediction>(prediction).labels) {
      const bool right = std::ranges::find(has, label) != has.end();
      expected -= std::log(right ? static_cast<double>(probability) : 1 - static_cast<double>(probability));
    }
  });
  EXPECT_NEAR(c.loss(c.batch).nats, expected, 1e-5);
}

// The focal loss has a gradient of its own, and what is reported is the same.
TEST(SeveralLabels, FocusChangesTheGradientOnly) {
  const WithThreads one(1);
  RecordsCase plain(small(Pooling::mean), kTexts), focused(small(Pooling::mean, 2), kTexts);
  EXPECT_EQ(plain.loss(plain.batch).nats, focused.loss(focused.batch).nats);
  const auto gradient = [](RecordsCase& t) {
    Tape tape;
    t.loss_on(tape, *t.records, t.batch, Noise::silent());
    tape.backward();
    const std::span<const float> all = t.network->parameters().gradients();
    return std::vector<float>(all.begin(), all.end());
  };
  EXPECT_NE(gradient(plain), gradient(focused));
}

TEST(SeveralLabels, ANumberOfThreadsChangesNoBit) {
  std::string texts;
  for (int i = 0; i < 60; ++i) {
    texts += std::string(i % 4 == 0 ? "" : i % 3 == 0 ? "a,b" : "c") + "\t";
    for (int word = 0; word <= i % 13; ++word) texts += std::string(1, static_cast<char>('k' + i * word % 11)) + " ";
    texts += "end\n";
  }
  ClassifyOptions options = small(Pooling::attention, 1.5F);
  options.network.hidden = 37;
  RecordsCase c(options, texts);
  expect_same_on_any_threads(c.mean_loss(), c.values());
}

TEST(SeveralLabels, AreReadAsTheyStand) {
  const RecordsCase c(small(Pooling::mean), kTexts);
  const auto has = [&](const Records& records, std::size_t record) {
    return std::get<Strings>(c.network->fields()[0]->cell(records.columns[0], record));
  };
  EXPECT_EQ(has(*c.records, 0), (Strings{"x", "y"}));
  EXPECT_EQ(has(*c.records, 2), Strings());
  EXPECT_EQ(has(*c.records, 3), (Strings{"x", "z"}));
  const auto other = c.read("y,new,x,y\ta\n");
  EXPECT_EQ(has(*other, 0), (Strings{"new", "x", "y"}));
  const RecordsCase numbers(small(Pooling::mean), kNumbers);
  EXPECT_EQ(std::get<Strings>(numbers.network->fields()[0]->cell(numbers.column(0), 2)), Strings{"7"});
}

// What stands before a tab is no part of the text where all of it are labels that the model knows, or nothing.
TEST(SeveralLabels, NeedNotBeThereForAPrediction) {
  const RecordsCase c(small(Pooling::mean), kTexts);
  const std::string expected = c.predict("a b").front();
  for (const char* line : {"x,y\ta b", "\ta b", "z\ta b"}) EXPECT_EQ(c.predict(line).front(), expected) << line;
  EXPECT_NE(c.predict("x,b\ta b").front(), expected);
}

// Two words of which each makes a label of its own, and one that makes none.
std::vector<Record> two_words(int count) {
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) {
    std::string text;
    Strings labels;
    if (i % 2 == 0) labels.emplace_back("hot"), text += "sun ";
    if (i % 3 == 0) labels.emplace_back("wet"), text += "rain ";
    records.push_back({{"text", text + "day " + std::to_string(i % 5)}, {"labels", labels}});
  }
  return records;
}

Job job_of(const std::vector<Record>& records, const TempFolder& folder, std::uint64_t epochs) {
  Job job;
  job.records = [records](std::uint64_t) { return records; };
  job.validation_records = records;
  job.model = folder.file("m.safetensors");
  ClassifyOptions options = small(Pooling::max);
  options.network.hidden = 8;
  job.task = options;
  job.training.epochs = epochs;
  job.training.batch = 10;
  job.training.schedule.learning_rate = 0.02F;
  return job;
}

TEST(SeveralLabels, AreLearned) {
  const TempFolder folder;
  const std::vector<Record> records = two_words(60);
  TrainingResult result;
  const Model model = Model::train(job_of(records, folder, 20), {}, {}, &result);
  EXPECT_EQ(result.measure, std::string("micro_f1"));
  EXPECT_EQ(result.best_measure, 1.0);
  const std::vector<Prediction> said = model.predict(records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    Strings chosen = std::get<LabelsPrediction>(said[i]).chosen;
    std::ranges::sort(chosen);
    EXPECT_EQ(chosen, std::get<Strings>(records[i][1].cell)) << i;
  }
  const json metrics = json::parse(model.evaluate(records).metrics);
  EXPECT_EQ(metrics["micro_f1"], 1.0) << metrics;
  EXPECT_EQ(metrics["subset_accuracy"], 1.0) << metrics;
  EXPECT_EQ(metrics["per_label"]["wet"]["support"], 20) << metrics;
}

// Thresholds and temperature are those of the best epoch, and the file has them.
TEST(SeveralLabels, KeepWhatValidationChose) {
  const TempFolder folder;
  const std::vector<Record> records = two_words(60);
  TrainingResult result;
  const Model model = Model::train(job_of(records, folder, 2), {}, {}, &result);
  EXPECT_EQ(json::parse(model.evaluate(records).metrics)["micro_f1"], result.best_measure);
  const json kept = json::parse(model.describe());
  EXPECT_NE(kept.dump().find("temperature"), std::string::npos);
  model.save(folder.file("copy"));
  const Model copy = Model::load(folder.file("copy"));
  EXPECT_EQ(copy.evaluate(records).metrics, model.evaluate(records).metrics);
  EXPECT_EQ(predicted_lines(copy, folder.write("new", "sun\nrain day\n")),
            predicted_lines(model, folder.write("new", "sun\nrain day\n")));
}

TEST(SeveralLabels, ThatTheModelHasNotAreNeverRight) {
  const RecordsCase c(small(Pooling::mean), kTexts);
  const json metrics = c.metrics(*c.read("new\ta\nx,new\tb\n\tc\n"));
  EXPECT_EQ(metrics["unknown_labels"], 2);
  EXPECT_EQ(metrics["per_label"]["new"], (json{{"precision", 0.0}, {"recall", 0.0}, {"f1", 0.0}, {"support", 2}}));
  EXPECT_EQ(metrics["per_label"]["z"]["support"], 0);
  for (const auto& [name, value] : metrics.items()) EXPECT_FALSE(value.is_null()) << name;
  try {
    c.read("new\ta\n\tb\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the model has none of its labels, the first of which is \"new\""),
              std::string::npos)
        << error.what();
  }
}

TEST(SeveralLabels, AStreamGivesTheirLogits) {
  std::vector<Record> records;
  for (int i = 0; i < 12; ++i) {
    const double x = i % 4;
    Strings labels;
    if (i % 2 == 0) labels.emplace_back("even");
    if (i % 4 > 1) labels.emplace_back("high");
    records.push_back({{"sequence", Numbers{{x, x + 1, x}, 1}}, {"labels", labels}});
  }
  const TempFolder folder;
  Job job = job_of(records, folder, 3);
  ClassifyOptions options = small(Pooling::last);
  options.network.bidirectional = false;
  job.task = options;
  const Model model = Model::train(job);
  const auto said = std::get<LabelsPrediction>(model.predict(records).front());
  Stream stream = model.stream();
  std::vector<float> outputs(stream.outputs());
  for (const double x : std::get<Numbers>(records.front()[0].cell).values) {
    const float number = static_cast<float>(x);
    stream.step(std::span(&number, 1), outputs);
  }
  for (const auto& [label, probability] : said.labels) {
    const float logit = outputs[label == "even" ? 0 : 1];
    EXPECT_NEAR(probability, 1 / (1 + std::exp(-logit)), 1e-6F) << label;
  }
}

}  // namespace
}  // namespace recur::several_labels_test
