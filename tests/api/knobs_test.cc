// Knobs of an effect: where they stand is read beside every sample, and may change from one to the next.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "data/text_file.h"
#include "recur/recur.h"
#include "support/counted_memory.h"
#include "support/error_of.h"
#include "support/resumed.h"

namespace recur::knobs_test {
namespace {

// Two tones, distorted at a gain, and made softer by a volume.
Record recording(double pitch, double gain, double volume, std::size_t length = 300) {
  Numbers input, output;
  for (std::size_t t = 0; t < length; ++t) {
    const double n = static_cast<double>(t), x = 0.5 * std::sin(pitch * n) + 0.3 * std::sin(0.37 * n);
    input.values.push_back(x);
    output.values.push_back(volume * std::tanh(gain * x));
  }
  return {{"input", input}, {"output", output}, {"gain", Numbers{{gain}, 1}}, {"volume", Numbers{{volume}, 1}}};
}

std::vector<Record> recordings() {
  std::vector<Record> records;
  for (const double gain : {1.0, 3.0, 5.0}) {
    for (const double volume : {0.2, 0.6, 1.0}) records.push_back(recording(0.05 + 0.01 * gain, gain, volume));
  }
  return records;
}

struct Trained {
  explicit Trained(std::uint64_t epochs, const char* knobs = "gain,volume") {
    EffectOptions effect;
    effect.network.hidden = 8;
    effect.warm_up = 20;
    effect.knobs = knobs;
    job.task = effect;
    job.records = [](std::uint64_t) { return recordings(); };
    job.validation_records = recordings();
    job.model = folder.file("m.safetensors");
    job.batch_tokens = 0;
    job.training.batch = 9;
    job.training.unroll = 64;
    job.training.epochs = epochs;
    job.training.schedule.learning_rate = 0.02F;
  }
  Model train() const { return Model::train(job); }
  TempFolder folder;
  Job job;
};

const std::vector<double>& input_of(const Record& record) { return std::get<Numbers>(record[0].cell).values; }
std::vector<double> predicted(const Model& model, const Record& record) {
  return std::get<NumbersPrediction>(model.predict(std::span(&record, 1)).front()).numbers.values;
}
float step(Stream& stream, double x) {
  const auto in = static_cast<float>(x);
  float out = 0;
  stream.step({&in, 1}, {&out, 1});
  return out;
}

TEST(Knobs, HaveTheRangesOfTheTrainingData) {
  const Trained t(1);
  const std::vector<KnobRange> knobs = t.train().knobs();
  ASSERT_EQ(knobs.size(), 2U);
  EXPECT_EQ(knobs[0].name, "gain");
  EXPECT_EQ(knobs[0].low, 1);
  EXPECT_EQ(knobs[0].high, 5);
  EXPECT_EQ(knobs[1].name, "volume");
  EXPECT_EQ(knobs[1].high, 1);
  EXPECT_EQ(Model::load(t.job.model).knobs()[1].low, 0.2);
}

// A setting that no recording has.
TEST(Knobs, SayHowItSounds) {
  const Record between = recording(0.08, 2, 0.4);
  const auto error = [&](const Model& model) {
    return nlohmann::json::parse(model.evaluate(std::span(&between, 1)).metrics)["error_to_signal"].get<double>();
  };
  const double with = error(Trained(120).train()), without = error(Trained(120, "").train());
  EXPECT_LT(with, 0.02);
  EXPECT_LT(10 * with, without);
}

TEST(Knobs, TurnBetweenTheStepsOfAStream) {
  const Model model = Trained(3).train();
  const Record soft = recording(0.07, 1.5, 0.3, 100), loud = recording(0.07, 4.5, 0.9, 100);
  Stream stream = model.stream({.realtime = true});
  EXPECT_EQ(stream.inputs(), 1U);
  EXPECT_TRUE(stream.set_knob("volume", 0.3));
  EXPECT_TRUE(stream.set_knob("gain", 1.5));
  const std::vector<double> of_soft = predicted(model, soft), of_loud = predicted(model, loud);
  for (std::size_t i = 0; i < of_soft.size(); ++i) ASSERT_NEAR(step(stream, input_of(soft)[i]), of_soft[i], 1e-5) << i;
  // They stay where they are.
  stream.reset();
  EXPECT_NEAR(step(stream, input_of(soft)[0]), of_soft[0], 1e-5);
  stream.reset();
  Stream other = stream;
  other.set_knob("gain", 4.5);
  other.set_knob("volume", 0.9);
  EXPECT_NEAR(step(other, input_of(loud)[0]), of_loud[0], 1e-5);
  EXPECT_NEAR(step(stream, input_of(soft)[0]), of_soft[0], 1e-5);
  EXPECT_GT(std::abs(of_soft[0] - of_loud[0]) + std::abs(of_soft[5] - of_loud[5]), 1e-4);
  // Turned while it plays, as if it had always stood there but for the state.
  const float before = step(stream, 0.5);
  stream.reset();
  step(stream, input_of(soft)[0]);
  stream.set_knob("gain", 4.5);
  EXPECT_GT(std::abs(step(stream, 0.5) - before), 1e-4F);
}

TEST(Knobs, TakeNoMemory) {
  const Model model = Trained(1).train();
  Stream stream = model.stream({.realtime = true});
  const std::size_t before = allocations();
  stream.set_knob("volume", 0.5);
  stream.set_knob("gain", 2);
  step(stream, 0.5);
  stream.set_knob("volume", 2);
  step(stream, 0.5);
  EXPECT_EQ(allocations(), before);
}

TEST(Knobs, OfStreamsThatStepTogetherAreTheirOwn) {
  const Model model = Trained(2).train();
  Stream a = model.stream(), b = model.stream();
  Stream* const both[] = {&a, &b};
  const float in[] = {0.4F, 0.4F};
  float out[2] = {};
  for (Stream* stream : both) stream->set_knob("gain", 3);
  a.set_knob("volume", 0.2);
  EXPECT_EQ(error_of([&] { step_together(both, in, out); }),
            "the knob volume is not set; call set_knob(\"volume\", VALUE) before the first step");
  b.set_knob("volume", 1);
  Stream alone_a = a, alone_b = b;
  step_together(both, in, out);
  EXPECT_EQ(out[0], step(alone_a, 0.4F));
  EXPECT_EQ(out[1], step(alone_b, 0.4F));
  EXPECT_NE(out[0], out[1]);
}

TEST(Knobs, ThatMakeNoSenseAreRefused) {
  const Model model = Trained(1).train();
  Stream stream = model.stream();
  EXPECT_EQ(error_of([&] { step(stream, 0.5); }),
            "the knob gain is not set; call set_knob(\"gain\", VALUE) before the first step");
  EXPECT_EQ(error_of([&] { stream.set_knob("drive", 1); }),
            "knob \"drive\": the model has no such knob; expected one of \"gain\", \"volume\"");
  for (const double value : {std::nan(""), std::numeric_limits<double>::infinity(), 1e300}) {
    EXPECT_TRUE(error_of([&] {
                  stream.set_knob("gain", value);
                }).starts_with("knob \"gain\": expected a number near the 1 to 5 that the model learned from, got "));
  }
  EXPECT_FALSE(stream.set_knob("gain", 5.5));
  EXPECT_TRUE(stream.set_knob("gain", 5));
  const auto knobs_of = [](const char* names) {
    EffectOptions options;
    options.knobs = names;
    return error_of([&] { recipe(options); });
  };
  EXPECT_EQ(knobs_of("gain,gain"), "--knobs: \"gain\" is there twice");
  EXPECT_EQ(knobs_of("gain,output"), "--knobs: \"output\" is a sound; give the knob another name");
  EXPECT_EQ(knobs_of("gain,"), "--knobs: expected names of columns with commas between, got \"gain,\"");
  EXPECT_EQ(knobs_of("a=b"), "--knobs: expected names without =, got \"a=b\"");
  EXPECT_EQ(knobs_of("gain,tone"), "");
}

TEST(Knobs, ThatNeverMoveTeachNothing) {
  Trained t(1);
  t.job.records = [](std::uint64_t) {
    return std::vector<Record>{recording(0.1, 2, 0.5), recording(0.1, 2, 0.7), recording(0.1, 2, 0.6)};
  };
  EXPECT_EQ(error_of([&] { t.train(); }),
            "records: the knob \"gain\" stands at 2 in all records; expected different ones to learn from, or leave it "
            "out of --knobs");
}

// The same as in the records.
TEST(Knobs, AreToldForAllRecords) {
  const Model model = Trained(2).train();
  const Record whole = recording(0.07, 2, 0.8);
  const std::vector<Record> bare = {{whole[0], whole[1]}};
  const std::vector<Prediction> told = model.predict(bare, {.knobs = {{"volume", 0.8}, {"gain", 2}}});
  EXPECT_EQ(std::get<NumbersPrediction>(told[0]).numbers.values, predicted(model, whole));
  EXPECT_EQ(model.evaluate(bare, {.knobs = {{"volume", 0.8}, {"gain", 2}}}).metrics,
            model.evaluate(std::span(&whole, 1)).metrics);
  const auto problem = [&](const std::vector<Knob>& knobs) {
    return error_of([&] { model.predict(bare, {.knobs = knobs}); });
  };
  EXPECT_EQ(problem({{"gain", 2}}), "record 0: expected a number as \"volume\", got nothing");
  EXPECT_EQ(problem({{"gain", 2}, {"gain", 3}}), "knob \"gain\": is given twice");
  EXPECT_EQ(problem({{"drive", 2}}),
            "knob \"drive\": the model has no such knob; expected one of \"gain\", \"volume\"");
}

TEST(Knobs, GoOnWhereTrainingWasStopped) {
  const Trained t(3);
  const std::string whole = metrics_resumed(t.job, 0);
  for (const int stop : {2, 7}) {
    const Trained stopped(3);
    EXPECT_EQ(metrics_resumed(stopped.job, stop), whole) << stop;
  }
}

}  // namespace
}  // namespace recur::knobs_test
