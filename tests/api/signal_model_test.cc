// A signal made of another: trained in windows, and heard sample by sample.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "recur/recur.h"
#include "support/resumed.h"

namespace recur::signal_model_test {

struct Distortion {
  RecurrentOptions network{.cell = "lstm", .layers = 1, .hidden = 8};
  bool residual = true;
};
void list_options(OptionList& list, Distortion& o) {
  list_options(list, o.network);
  list_bidirectional(list, o.network);
  list.group("Network");
  list.flag("residual", o.residual, "The difference is predicted");
}
Recipe recipe(const Distortion& o) {
  return {
      .fields = {{"input", NumbersSpec{}}, {"output", NumbersSpec{}, true}},
      .input = {NumbersInputSpec{"input"}},
      .network = o.network,
      .head = SignalSpec{.field = "output", .input = "input", .emphasis = 0.5F, .warm_up = 20, .residual = o.residual},
      .windows = true};
}

// Tags, which are not made in windows.
struct TagsInWindows {
  RecurrentOptions network{.layers = 1, .hidden = 4};
};
void list_options(OptionList& list, TagsInWindows& o) { list_options(list, o.network); }
Recipe recipe(const TagsInWindows& o) {
  return {.fields = {{"input", NumbersSpec{}}, {"tags", TagsSpec{}, true}},
          .input = {NumbersInputSpec{"input"}},
          .network = o.network,
          .head = TagHeadSpec{"tags", "", false},
          .windows = true};
}

namespace {

using nlohmann::json;

[[maybe_unused]] const bool registered = (register_task<Distortion>({.name = "distortion"}), true);

// Two tones, and what a valve with a memory of one sample makes of them.
Record recording(std::size_t length, double pitch) {
  Numbers input, output;
  double before = 0;
  for (std::size_t t = 0; t < length; ++t) {
    const double x = 0.5 * std::sin(pitch * static_cast<double>(t)) + 0.3 * std::sin(0.37 * static_cast<double>(t));
    input.values.push_back(x);
    output.values.push_back(std::tanh(3 * x + before));
    before = x;
  }
  return {{"input", input}, {"output", output}};
}

std::vector<Record> recordings() {
  std::vector<Record> records;
  for (const std::size_t length : {400U, 400U, 330U, 250U, 90U}) {
    records.push_back(recording(length, 0.05 + 0.01 * static_cast<double>(records.size())));
  }
  return records;
}

struct Trained {
  explicit Trained(std::uint64_t epochs, bool residual = true) {
    job.task = Distortion{.residual = residual};
    job.records = [](std::uint64_t) { return recordings(); };
    job.validation_records = recordings();
    job.model = folder.file("m.safetensors");
    job.batch_tokens = 0;
    job.training.batch = 3;
    job.training.unroll = 64;
    job.training.epochs = epochs;
    job.training.schedule.learning_rate = 0.01F;
  }
  TempFolder folder;
  Job job;
};

TEST(SignalModel, LearnsInWindows) {
  for (const bool residual : {true, false}) {
    Trained t(60, residual);
    std::uint64_t batches = 0;
    TrainingHooks hooks;
    hooks.report = [&](const TrainingReport& r) { batches = r.batches; };
    const Model model = Model::train(t.job, hooks);
    EXPECT_EQ(batches, 7U + 4U);  // of 400 steps and of 250
    const json metrics = json::parse(model.evaluate(t.job.validation_records).metrics);
    EXPECT_LT(metrics["error_to_signal"], 0.02) << metrics;
    EXPECT_EQ(metrics["samples"], 380 + 380 + 310 + 230 + 70);
  }
}

// Recordings of another volume, too, whose error is small beside those that the model learned from.
TEST(SignalModel, MeasuresErrorsAsSharesOfTheSameRecordings) {
  Trained t(3);
  const Model model = Model::train(t.job);
  for (const double volume : {1.0, 0.1}) {
    std::vector<Record> records = recordings();
    for (Record& record : records) {
      for (auto& field : record) {
        for (double& x : std::get<Numbers>(field.cell).values) x *= volume;
      }
    }
    const std::vector<Prediction> predictions = model.predict(records);
    double error = 0, energy = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::vector<double>& got = std::get<NumbersPrediction>(predictions[i]).numbers.values;
      const std::vector<double>& wanted = std::get<Numbers>(records[i][1].cell).values;
      const auto filtered = [](double now, double before) { return now - 0.5 * before; };
      for (std::size_t s = 21; s < got.size(); ++s) {
        error += std::pow(filtered(got[s] - wanted[s], got[s - 1] - wanted[s - 1]), 2);
        energy += std::pow(filtered(wanted[s], wanted[s - 1]), 2);
      }
    }
    const json metrics = json::parse(model.evaluate(records).metrics);
    // It sees the samples as floats.
    EXPECT_NEAR(metrics["emphasised_error_to_signal"].get<double>(), error / energy, 1e-6 * error / energy) << volume;
  }
}

// Of more steps than a window of evaluation has.
TEST(SignalModel, SaysStepByStepWhatItPredicts) {
  Trained t(2);
  const Model model = Model::train(t.job);
  const std::vector<Record> asked = {recording(9000, 0.06), recording(50, 0.05), recording(8500, 0.07)};
  const std::vector<Prediction> predictions = model.predict(asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::vector<double>& input = std::get<Numbers>(asked[i][0].cell).values;
    const std::vector<double>& predicted = std::get<NumbersPrediction>(predictions[i]).numbers.values;
    ASSERT_EQ(predicted.size(), input.size());
    Stream stream = model.stream({.realtime = true});
    for (std::size_t step = 0; step < input.size(); ++step) {
      const auto x = static_cast<float>(input[step]);
      float y = 0;
      stream.step({&x, 1}, {&y, 1});
      ASSERT_NEAR(y, predicted[step], 1e-4) << step;
    }
  }
}

TEST(SignalModel, WindowsAreOfNumbers) {
  register_task<TagsInWindows>({.name = "tags in windows"});
  TempFolder folder;
  Job job;
  job.task = TagsInWindows();
  job.records = [](std::uint64_t) {
    const std::vector<std::string> tags = {"a", "b"};
    return std::vector<Record>(20, {{"input", Numbers{{1, 2}, 1}}, {"tags", tags}});
  };
  job.model = folder.file("m.safetensors");
  try {
    Model::train(job);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("windows: expected a head with numbers a step")) << error.what();
  }
}

// Stopped between two windows of a batch whose sequences have different lengths.
TEST(SignalModel, GoesOnWhereItWasStopped) {
  const Trained t(3);
  const std::string whole = metrics_resumed(t.job, 0);
  for (const int stop : {3, 6, 9, 11, 16}) {
    const Trained stopped(3);
    EXPECT_EQ(metrics_resumed(stopped.job, stop), whole) << stop;
  }
}

TEST(SignalModel, HearsNothingOfWhatIsToCome) {
  Trained t(1);
  t.job.task = Distortion{.network = {.cell = "lstm", .layers = 1, .hidden = 8, .bidirectional = true}};
  EXPECT_THROW(Model::train(t.job), Error);
}

// What a program has in memory is records, not a text or series.
TEST(SignalModel, JobsOfRecordsAreOfTasksOnRecords) {
  for (const TaskOptions& task : {TaskOptions(LanguageModelOptions()), TaskOptions(ForecastOptions())}) {
    const TempFolder folder;
    Job job{.data = "records", .model = folder.file("m.safetensors")};
    job.records = [](std::uint64_t) { return std::vector<Record>{{{"text", "a"}}}; };
    job.task = task;
    try {
      Model::train(job);
      ADD_FAILURE() << "it trained";
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("records: ")) << error.what();
    }
  }
}

}  // namespace
}  // namespace recur::signal_model_test
