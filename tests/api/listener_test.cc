// Sound as it comes is heard as the whole sound is.
#include "recur/listener.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/temp_folder.h"
#include "data/frames/sound_file.h"
#include "support/error_of.h"
#include "support/saved_models.h"
#include "support/sounds.h"

namespace recur::listener_test {
namespace {

constexpr std::size_t kRate = 8000;

Numbers samples(const std::vector<float>& sound) { return {{sound.begin(), sound.end()}, 1}; }

// Tones one after the other, each a letter.
std::vector<float> spoken(const std::string& text) {
  std::vector<float> all;
  for (const char c : text) {
    const std::vector<float> one = tone(c == 'a' ? 300 : 1200, 0.12, kRate);
    all.insert(all.end(), one.begin(), one.end());
    all.insert(all.end(), kRate / 20, 0.001F);
  }
  return all;
}

struct Trained {
  explicit Trained(const TaskOptions& task, std::vector<Record> given, std::uint64_t epochs = 30)
      : records(std::move(given)) {
    job.task = task;
    job.records = [this](std::uint64_t) { return records; };
    job.validation_records = records;
    job.model = folder.file("m.safetensors");
    job.training.epochs = epochs;
    job.training.batch = 4;
    job.training.schedule.learning_rate = 0.02F;
    model.emplace(Model::train(job));
  }
  TempFolder folder;
  std::vector<Record> records;
  Job job;
  std::optional<Model> model;
};

SoundOptions small_sound() {
  SoundOptions sound;
  sound.mels = 12;
  sound.hop_ms = 20;
  sound.sample_rate = kRate;
  return sound;
}

std::vector<Record> texts() {
  std::vector<Record> records;
  for (const char* text : {"ab", "ba", "aa", "bb", "aba", "bab", "a", "b"}) {
    records.push_back({{"audio", samples(spoken(text))}, {"text", text}});
  }
  return records;
}

TranscribeOptions listening_recogniser() {
  TranscribeOptions o;
  o.network = {.cell = "gru", .layers = 1, .hidden = 16};
  o.sound = small_sound();
  return o;
}

// In blocks of any size.
std::string heard(Listener& listener, const std::vector<float>& sound, std::size_t block) {
  std::string text;
  for (std::size_t first = 0; first < sound.size(); first += block) {
    text += listener.hear(std::span(sound).subspan(first, std::min(block, sound.size() - first)));
  }
  return text;
}

void expect_what_predict_writes(const SoundOptions& sound, TranscriptOutput output = TranscriptOutput::ctc) {
  TranscribeOptions task = listening_recogniser();
  task.sound = sound;
  task.output = output;
  task.embedding = 8;
  task.joint = 16;
  const Trained t(task, texts(), 120);
  PredictOptions best_path;
  best_path.decode.beam = 1;
  const std::vector<Prediction> predictions = t.model->predict(t.records, best_path);
  Listener listener(*t.model);
  EXPECT_EQ(listener.sample_rate(), kRate);
  std::size_t letters = 0;
  for (const std::size_t block : {1U, 77U, 5000U}) {
    for (std::size_t i = 0; i < t.records.size(); ++i) {
      listener.reset();
      const std::vector<double>& samples_of = std::get<Numbers>(t.records[i][0].cell).values;
      const std::string text = heard(listener, {samples_of.begin(), samples_of.end()}, block);
      EXPECT_EQ(text, std::get<TextPrediction>(predictions[i]).text());
      letters += text.size();
    }
  }
  EXPECT_GT(letters, 0U);
}

TEST(Listener, WritesWhatPredictWrites) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  expect_what_predict_writes(small_sound());
}

TEST(Listener, WritesWhatPredictWritesByATransducer) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  expect_what_predict_writes(small_sound(), TranscriptOutput::transducer);
}

// Samples between two frames are in none.
TEST(Listener, WritesWhatPredictWritesOfFramesThatAreApart) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  SoundOptions sound = small_sound();
  sound.frame_ms = 10;
  sound.hop_ms = 47;
  expect_what_predict_writes(sound);
}

TEST(Listener, HearsNoFrameAgainWhenSomethingThrows) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Trained t(listening_recogniser(), texts(), 1);
  const std::vector<double>& all = std::get<Numbers>(t.records[4][0].cell).values;
  const std::vector<float> sound(all.begin(), all.end());
  std::vector<float> whole, halting;
  const auto keep = [](std::vector<float>& to) {
    return [&to](std::span<const float> outputs) { to.insert(to.end(), outputs.begin(), outputs.end()); };
  };
  Listener listener(*t.model);
  listener.push(sound, keep(whole));
  listener.reset();
  const auto keep_and_throw = [&](std::span<const float> outputs) {
    keep(halting)(outputs);
    throw std::runtime_error("enough");
  };
  EXPECT_THROW(listener.push(sound, keep_and_throw), std::runtime_error);
  listener.push({}, keep(halting));
  EXPECT_EQ(halting, whole);
}

TEST(Listener, GivesTheLogitsOfLabels) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  ClassifyOptions task;
  task.network = {.cell = "lstm", .layers = 2, .hidden = 8};
  task.pooling = Pooling::last;
  task.sound = small_sound();
  std::vector<Record> records;
  for (int i = 0; i < 8; ++i) {
    records.push_back({{"audio", samples(tone(i % 2 == 0 ? 300 + i : 1200 + i, 0.2, kRate))},
                       {"label", i % 2 == 0 ? "low" : "high"}});
  }
  const Trained t(task, records);
  Listener listener(*t.model);
  EXPECT_EQ(listener.names(), (std::vector<std::string>{"high", "low"}));
  const std::vector<Prediction> predictions = t.model->predict(t.records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    listener.reset();
    const std::vector<double>& sound = std::get<Numbers>(records[i][0].cell).values;
    std::vector<float> last;
    listener.push(std::vector<float>(sound.begin(), sound.end()),
                  [&](std::span<const float> outputs) { last.assign(outputs.begin(), outputs.end()); });
    const auto& best = std::get<LabelPrediction>(predictions[i]).labels.front();
    EXPECT_EQ(best.label, last[0] > last[1] ? "high" : "low");
    EXPECT_NEAR(best.probability, 1 / (1 + std::exp(-std::abs(last[0] - last[1]))), 1e-5F);
  }
  EXPECT_THROW(listener.hear(std::vector<float>(9)), Error);
}

TEST(Listener, SaysWhyAModelCannotListen) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const auto why = [](const std::function<void(TranscribeOptions&)>& change) {
    TranscribeOptions o = listening_recogniser();
    change(o);
    std::vector<Record> two = texts();
    two.resize(2);
    TempFolder folder;
    Job job;
    job.task = o;
    job.records = [&](std::uint64_t) { return two; };
    job.validation_records = two;
    job.model = folder.file("m.safetensors");
    job.training.epochs = 1;
    const Model model = Model::train(job);
    return error_of([&] { Listener listener(model); });
  };
  EXPECT_EQ(why([](auto&) {}), "");
  EXPECT_NE(why([](auto& o) { o.network.bidirectional = true; }), "");
  EXPECT_NE(why([](auto& o) { o.frames.stack = 2; }).find("cannot run step by step"), std::string::npos);
  EXPECT_NE(why([](auto& o) { o.sound.deltas = 1; }).find("--deltas: slopes look ahead"), std::string::npos);
  EXPECT_NE(why([](auto& o) { o.sound.normalize = Normalize::utterance; }).find("--normalize utterance looks"),
            std::string::npos);
}

TEST(Listener, RefusesSamplesThatAreNoNumbers) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Trained t(listening_recogniser(), texts());
  Listener listener(*t.model);
  EXPECT_NE(error_of([&] {
              listener.hear(std::vector<float>{0, std::nanf("")});
            }).find("samples: expected finite"),
            std::string::npos);
}

}  // namespace
}  // namespace recur::listener_test
