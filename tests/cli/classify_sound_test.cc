// `recur train classify` on sounds and pictures: a manifest says where they are.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "data/frames/picture_file.h"
#include "data/frames/sound_file.h"
#include "support/sounds.h"

namespace recur::classify_sound_test {
namespace {

// Tones that are low and high, and a manifest of them.
struct Tones {
  explicit Tones(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) {
      for (const bool high : {false, true}) {
        const std::string name = fmt::format("{}{}.wav", high ? "high" : "low", i);
        folder.write(name, wav(tone((high ? 1500 : 300) + 7 * i, 0.1 + 0.01 * (i % 3), 8000), {.rate = 8000}));
        lines += fmt::format("{}\t{}\n", high ? "high" : "low", name);
      }
    }
    manifest = folder.write("tones.tsv", lines);
  }
  Arguments training(const Arguments& more = {}) const {
    return with({"train", "classify", "--data", manifest, "--valid", manifest, "--out", model, "--sample-rate", "8000",
                 "--hidden", "6", "--batch", "4", "--epochs", "12", "--lr", "0.02"},
                more);
  }

  TempFolder folder;
  std::string manifest, model = folder.file("m.safetensors");
};

TEST(ClassifySound, LearnsTonesAndNamesThem) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Tones tones(6);
  const ProgramResult trained = run_program(tones.training());
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(nlohmann::json::parse(trained.out)["best_accuracy"], 1.0) << trained.out;
  const ProgramResult evaluated = run_program({"eval", tones.model, "--data", tones.manifest});
  EXPECT_EQ(nlohmann::json::parse(evaluated.out)["accuracy"], 1.0) << evaluated.err;
  // Bare paths; the model knows its features and rate.
  tones.folder.write("new.wav", wav(tone(1490, 0.2, 16'000)));
  const std::string list = tones.folder.write("new.txt", "low0.wav\n\nnew.wav\n");
  const ProgramResult predicted = run_program({"predict", tones.model, "--data", list});
  EXPECT_TRUE(predicted.out.starts_with("low\t")) << predicted.out << predicted.err;
  EXPECT_NE(predicted.out.find("\n\nhigh\t"), std::string::npos) << predicted.out;
  const std::string lost = tones.folder.write("lost.txt", "low0.wav\nlost.wav\n");
  EXPECT_TRUE(run_program({"predict", tones.model, "--data", lost}).complains("lost.txt: line 2: "));
  const std::string rest = tones.folder.write("rest.txt", "lost.wav\nlow0.wav\n\xFF\nnew.wav\n");
  const ProgramResult skipped = run_program({"predict", tones.model, "--data", rest, "--skip-bad"});
  EXPECT_TRUE(skipped.out.starts_with("\nlow\t")) << skipped.out << skipped.err;
  EXPECT_NE(skipped.out.find("\n\nhigh\t"), std::string::npos) << skipped.out;
  EXPECT_NE(skipped.err.find("rest.txt: line 1: "), std::string::npos) << skipped.err;
  EXPECT_TRUE(skipped.err.ends_with("rest.txt: skipped: 2\n")) << skipped.err;
}

TEST(ClassifySound, HasTheSameBitsWithAnyThreadsAndWhenResumed) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Tones tones(4);
  const Arguments all = {"--schedule",   "constant", "--features",        "mfcc", "--deltas",      "1",
                         "--stack",      "2",        "--layers",          "2",    "--every",       "2",
                         "--time-masks", "1",        "--frequency-masks", "1",    "--input-noise", "0.1"};
  ASSERT_EQ(run_program(tones.training(with(all, {"--threads", "1", "--epochs", "3"}))).code, 0);
  const std::string bytes = tones.folder.read("m.safetensors");
  ASSERT_EQ(run_program(tones.training(with(all, {"--threads", "2", "--epochs", "3"}))).code, 0);
  EXPECT_TRUE(tones.folder.read("m.safetensors") == bytes);
  ASSERT_EQ(run_program(tones.training(with(all, {"--epochs", "1"}))).code, 0);
  const ProgramResult resumed = run_program(tones.training(with(all, {"--epochs", "3", "--resume"})));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(tones.folder.read("m.safetensors") == bytes);
}

TEST(ClassifySound, HearsEachSoundAtSeveralSpeeds) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Tones tones(4);
  const Arguments how = {"--schedule", "constant", "--epochs", "3", "--batch-tokens", "60"};
  const auto bytes = [&](const Arguments& more) {
    const ProgramResult trained = run_program(tones.training(with(how, more)));
    EXPECT_EQ(trained.code, 0) << trained.err;
    return tones.folder.read("m.safetensors");
  };
  const Arguments speeds = {"--speed-perturbation", "0.1", "--drop-long", "--max-length", "10"};
  const std::string same = bytes({}), other = bytes(with(speeds, {"--threads", "1"}));
  EXPECT_TRUE(same != other);
  EXPECT_TRUE(bytes(with(speeds, {"--threads", "2"})) == other);
  bytes(with(speeds, {"--epochs", "1"}));
  EXPECT_TRUE(bytes(with(speeds, {"--resume"})) == other);
  EXPECT_TRUE(bytes(with(speeds, {"--seed", "2"})) != other);
}

// What --feature-cache kept is what the next training reads, and not what has changed since.
TEST(ClassifySound, KeepsFramesForOtherTrainings) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Tones tones(2);
  const Arguments how = {"--epochs", "2", "--feature-cache", tones.folder.file("kept/frames")};
  const auto train = [&](const Arguments& more = {}) {
    const ProgramResult trained = run_program(tones.training(with(how, more)));
    EXPECT_EQ(trained.code, 0) << trained.err;
    return tones.folder.read("m.safetensors");
  };
  const auto kept = [&] {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(tones.folder.file("kept/frames"))) {
      files.push_back(file.path());
    }
    return files;
  };
  const std::string bytes = train();
  ASSERT_EQ(kept().size(), 4U);
  // Without the cache the model says something else about its making, and computes the same.
  EXPECT_EQ(train(), bytes);
  EXPECT_EQ(kept().size(), 4U);
  train({"--speed-perturbation", "0.1"});
  EXPECT_EQ(kept().size(), 12U);
  train({"--mels", "20"});
  EXPECT_EQ(kept().size(), 16U);
  tones.folder.write("low0.wav", wav(tone(350, 0.15, 8000), {.rate = 8000}));
  EXPECT_NE(train(), bytes);
  EXPECT_EQ(kept().size(), 17U);
  // A folder in the place of one is named; what is damaged is made anew.
  std::filesystem::remove_all(tones.folder.file("kept/frames"));
  train();
  const std::filesystem::path one = kept().front();
  std::filesystem::remove(one);
  std::filesystem::create_directories(one / "in the way");
  EXPECT_TRUE(run_program(tones.training(how)).complains(".npy: "));
  std::filesystem::remove_all(one);
  for (const auto& file : kept()) std::ofstream(file) << "no frames";
  train();
  for (const auto& file : kept()) EXPECT_GT(std::filesystem::file_size(file), 100U) << file;
}

TEST(ClassifySound, CacheIsAFolderAndOfFrames) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Tones tones(2);
  const ProgramResult file = run_program(tones.training({"--feature-cache", tones.manifest}));
  EXPECT_TRUE(file.complains("tones.tsv: cannot be made a folder for frames: ")) << file.err;
  const std::string texts = tones.folder.write("texts.tsv", "a\tgood day\nb\tbad day\n");
  const ProgramResult of_texts = run_program(
      tones.training({"--data", texts, "--valid", texts, "--sample-rate", "16000", "--feature-cache", "frames"}));
  EXPECT_TRUE(of_texts.complains("--feature-cache: is of sounds and pictures, and ")) << of_texts.err;
  EXPECT_FALSE(std::filesystem::exists("frames"));
}

TEST(ClassifySound, OnlySoundsHaveASpeed) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Tones tones(2);
  tones.folder.write("low1.npy", npy("<f4", "(3, 40)", std::string(480, '\0')));
  const std::string mixed = tones.folder.write("mixed.tsv", "low\tlow0.wav\nhigh\thigh0.wav\nlow\tlow1.npy\n");
  const ProgramResult features =
      run_program(tones.training({"--data", mixed, "--valid", mixed, "--speed-perturbation", "0.1"}));
  EXPECT_TRUE(features.complains("mixed.tsv: line 3: --speed-perturbation: only sounds have a speed, got \""))
      << features.err;
  const std::string numbers = tones.folder.write(
      "numbers.jsonl", "{\"sequence\": [1, 2], \"label\": \"a\"}\n{\"sequence\": [2, 1], \"label\": \"b\"}\n");
  const ProgramResult of_numbers =
      run_program(tones.training({"--data", numbers, "--valid", numbers, "--speed-perturbation", "0.1"}));
  EXPECT_TRUE(of_numbers.complains("--sample-rate: is of sounds, and ")) << of_numbers.err;
  EXPECT_TRUE(run_program(tones.training({"--speed-perturbation", "0.6"})).complains("a number from 0 to 0.5"));
}

TEST(ClassifySound, ReadsPicturesOfLines) {
  if (!has_pictures()) GTEST_SKIP() << "built without pictures";
  const TempFolder folder;
  std::string lines;
  for (int i = 0; i < 8; ++i) {
    std::string light(10 * (8 + static_cast<std::size_t>(i)), '\xE0'), dark(light.size(), '\x20');
    folder.write(fmt::format("light{}.png", i), png(light, {.width = light.size() / 10, .height = 10}));
    folder.write(fmt::format("dark{}.png", i), png(dark, {.width = dark.size() / 10, .height = 10}));
    lines += fmt::format("light\tlight{}.png\ndark\tdark{}.png\n", i, i);
  }
  const std::string manifest = folder.write("m.tsv", lines);
  const ProgramResult trained =
      run_program({"train", "classify", "--data", manifest, "--valid", manifest, "--out", folder.file("m.safetensors"),
                   "--height", "4", "--hidden", "4", "--epochs", "10", "--batch", "4", "--lr", "0.02"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(nlohmann::json::parse(trained.out)["best_accuracy"], 1.0) << trained.out;
}

TEST(ClassifySound, RefusesWhatMakesNoSense) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Tones tones(2);
  EXPECT_TRUE(run_program(tones.training({"--features", "samples", "--hop-ms", "4"}))
                  .complains("--hop-ms: only goes with --features fbank or mfcc"));
  const ProgramResult many = run_program(tones.training({"--mels", "500"}));
  EXPECT_TRUE(many.complains("--mels: 500 bands are too many")) << many.err;
  const std::string texts = tones.folder.write("texts.tsv", "low\ta b\nhigh\tc d\n");
  const ProgramResult of_texts = run_program(
      {"train", "classify", "--data", texts, "--valid", texts, "--out", tones.folder.file("n"), "--mels", "20"});
  EXPECT_TRUE(of_texts.complains("--mels: is of sounds, and ")) << of_texts.err;
  tones.folder.write("low1.wav", "no sound");
  const ProgramResult broken = run_program(tones.training());
  EXPECT_EQ(broken.code, 1);
  EXPECT_TRUE(broken.complains("tones.tsv: line 3: ")) << broken.err;
}

}  // namespace
}  // namespace recur::classify_sound_test
