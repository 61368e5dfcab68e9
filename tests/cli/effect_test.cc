// recur train effect, and recur predict --out of a sound.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/texts.h"
#include "data/frames/sound_file.h"
#include "support/sounds.h"

namespace recur::effect_test {
namespace {

using nlohmann::json;

constexpr std::size_t kRate = 8000;

struct Workplace {
  Workplace() {
    std::string manifest;
    for (int i = 0; i < 6; ++i) {
      const std::vector<float> dry = tone(200 + 60 * i, 0.1, kRate, 0.4);
      std::vector<float> wet;
      for (const float x : dry) wet.push_back(std::tanh(2 * x));
      folder.write("dry" + std::to_string(i) + ".wav", wav(dry, {.rate = kRate}));
      folder.write("wet" + std::to_string(i) + ".wav", wav(wet, {.rate = kRate}));
      manifest += "dry" + std::to_string(i) + ".wav\twet" + std::to_string(i) + ".wav\n";
    }
    data = folder.write("pairs.tsv", manifest);
  }
  ProgramResult train(const Arguments& more = {}) const {
    Arguments arguments = {"train",         "effect", "--data",    data, "--valid",  data,  "--out",   model,
                           "--sample-rate", "8000",   "--warm-up", "50", "--hidden", "8",   "--batch", "3",
                           "--unroll",      "100",    "--epochs",  "20", "--lr",     "0.01"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  TempFolder folder;
  std::string data, model = folder.file("m.safetensors");
};

TEST(EffectCommand, SaysWhatItCannotDo) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Workplace w;
  ASSERT_EQ(w.train({"--epochs", "1"}).code, 0);
  const std::string dry = w.folder.file("dry2.wav");
  for (const char* command : {"predict", "eval"}) {
    EXPECT_TRUE(
        run_program({command, w.model, "--data", dry, "--max-length", "10"}).complains("--max-length: an effect"));
  }
  EXPECT_TRUE(run_program({"predict", w.model, "--data", dry, "--out", w.folder.file("o.wav"), "--max-length", "10"})
                  .complains("--max-length"));
  const std::string none = w.folder.write("none.wav", wav({}, {.rate = kRate}));
  EXPECT_TRUE(run_program({"predict", w.model, "--data", none}).complains("--data: " + none + ": has no samples"));
}

TEST(EffectCommand, TrainsMeasuresAndPlays) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Workplace w;
  const ProgramResult trained = w.train();
  ASSERT_EQ(trained.code, 0) << trained.err;
  const ProgramResult measured = run_program({"eval", w.model, "--data", w.data});
  ASSERT_EQ(measured.code, 0) << measured.err;
  EXPECT_LT(json::parse(measured.out)["error_to_signal"], 0.01) << measured.out;
  EXPECT_EQ(json::parse(measured.out)["samples"], 6 * (800 - 50));

  const std::string out = w.folder.file("out.wav");
  const ProgramResult played = run_program({"predict", w.model, "--data", w.folder.file("dry2.wav"), "--out", out});
  ASSERT_EQ(played.code, 0) << played.err;
  const std::vector<float> got = read_sound(out, kRate), wanted = read_sound(w.folder.file("wet2.wav"), kRate);
  ASSERT_EQ(got.size(), wanted.size());
  double error = 0, energy = 0;
  for (std::size_t i = 50; i < got.size(); ++i) {
    error += std::pow(static_cast<double>(got[i] - wanted[i]), 2);
    energy += std::pow(static_cast<double>(wanted[i]), 2);
  }
  EXPECT_LT(error / energy, 0.02);

  // Bare paths give lines of samples.
  const ProgramResult lines = run_program({"predict", w.model, "--data", w.folder.write("new.txt", "dry1.wav\n")});
  EXPECT_EQ(std::count(lines.out.begin(), lines.out.end(), '\n'), 1) << lines.err;
}

// As of every task, and nothing measured is no perfect score.
TEST(EffectCommand, WhatIsToBePredictedIsNotLookedAt) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Workplace w;
  ASSERT_EQ(w.train({"--epochs", "1"}).code, 0);
  const std::string alone = run_program({"predict", w.model, "--data", w.folder.write("a.txt", "dry1.wav\n")}).out;
  EXPECT_FALSE(alone.empty());
  const std::string tsv = w.folder.write("t.tsv", "dry1.wav\tnope.wav\n");
  const std::string jsonl = w.folder.write("t.jsonl", "{\"input\": \"dry1.wav\", \"output\": \"nope.wav\"}\n");
  const std::string csv = w.folder.write("t.csv", "input,output\ndry1.wav,wet\n");
  for (const std::string& data : {tsv, jsonl, csv}) {
    const ProgramResult predicted = run_program({"predict", w.model, "--data", data});
    EXPECT_EQ(predicted.out, alone) << data << ": " << predicted.err;
    EXPECT_EQ(run_program({"eval", w.model, "--data", data}).code, 1);
  }
  w.folder.write("short.wav", wav(tone(100, 0.005, kRate), {.rate = kRate}));
  const std::string pair = w.folder.write("short.tsv", "short.wav\tshort.wav\n");
  const json metrics = json::parse(run_program({"eval", w.model, "--data", pair}).out);
  EXPECT_EQ(metrics["samples"], 0);
  EXPECT_TRUE(metrics["error_to_signal"].is_null());
  EXPECT_TRUE(metrics["emphasised_error_to_signal"].is_null());
}

TEST(EffectCommand, OfSilenceThereIsNoShareOfTheSignal) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Workplace w;
  ASSERT_EQ(w.train({"--epochs", "1"}).code, 0);
  w.folder.write("silent.wav", wav(tone(100, 0.05, kRate, 0), {.rate = kRate}));
  const json metrics = json::parse(
      run_program({"eval", w.model, "--data", w.folder.write("silent.tsv", "silent.wav\tsilent.wav\n")}).out);
  EXPECT_TRUE(metrics["error_to_signal"].is_null()) << metrics;
  EXPECT_TRUE(metrics["emphasised_error_to_signal"].is_null()) << metrics;
}

TEST(EffectCommand, RefusesWhatItCannotPlay) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Workplace w;
  ASSERT_EQ(w.train({"--epochs", "1"}).code, 0);
  const std::string dry = w.folder.file("dry1.wav");
  EXPECT_TRUE(run_program({"predict", w.model, "--data", dry, "--out", w.folder.file("out.mp3")})
                  .complains("--out: expected the name of a .wav or .flac file"));
  EXPECT_TRUE(run_program({"predict", w.model, "--data", w.data, "--out", w.folder.file("out.wav")})
                  .complains("has several recordings, and --out is one"));
  EXPECT_FALSE(std::filesystem::exists(w.folder.file("out.wav")));
  EXPECT_TRUE(run_program({"predict", w.model, "--data", dry, "--out", w.folder.file("out.wav"), "--scores"})
                  .complains("--scores: --out has no use for it"));
  const std::string uneven = w.folder.write("uneven.tsv", "dry1.wav\tshort.wav\n");
  w.folder.write("short.wav", wav(tone(100, 0.05, kRate), {.rate = kRate}));
  EXPECT_TRUE(
      run_program({"train", "effect", "--data", uneven, "--valid", uneven, "--out", w.model, "--sample-rate", "8000"})
          .complains("uneven.tsv: line 1: expected 800 output, as many as input, got 400"));
  EXPECT_TRUE(w.train({"--bidirectional"}).complains("unknown option"));
  EXPECT_TRUE(w.train({"--warm-up", "100000"})
                  .complains("--warm-up: no output of the training data has a signal after its first 100000 samples"));
}

}  // namespace
}  // namespace recur::effect_test
