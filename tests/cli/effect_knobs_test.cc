// recur train effect --knobs, and recur predict --knob.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "cli/texts.h"
#include "data/frames/sound_file.h"
#include "support/sounds.h"

namespace recur::effect_knobs_test {
namespace {

constexpr std::size_t kRate = 8000;

// Tones that fade, each at several settings of a knob: knob * tanh(3 x).
struct Settings {
  Settings() {
    std::string lines, rows = "output,Drive,input\n";
    for (int i = 0; i < 3; ++i) {
      folder.write(fmt::format("dry{}.wav", i), wav(dry(i), {.rate = kRate}));
      for (const double drive : {0.2, 0.4, 0.6, 0.8, 1.0}) {
        const std::string name = fmt::format("wet{}-{}.wav", i, drive);
        folder.write(name, wav(wet(i, drive), {.rate = kRate}));
        lines += fmt::format("dry{}.wav\t{}\t{}\n", i, name, drive);
        rows += fmt::format("{},{},dry{}.wav\n", name, drive, i);
      }
    }
    data = folder.write("pairs.tsv", lines);
    table = folder.write("pairs.csv", rows);
  }
  static std::vector<float> dry(int i) {
    std::vector<float> x = tone(200 + 90 * i, 0.1, kRate, 0.5);
    for (std::size_t n = 0; n < x.size(); ++n) x[n] *= std::exp(-static_cast<float>(n) / 500);
    return x;
  }
  static std::vector<float> wet(int i, double drive) {
    std::vector<float> y;
    for (const float x : dry(i)) y.push_back(static_cast<float>(drive) * std::tanh(3 * x));
    return y;
  }
  ProgramResult train(const Arguments& more) const {
    Arguments arguments = {"train",         "effect", "--data",    data, "--valid",  data,  "--out",   model,
                           "--sample-rate", "8000",   "--warm-up", "50", "--hidden", "8",   "--batch", "15",
                           "--unroll",      "100",    "--epochs",  "60", "--lr",     "0.02"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  ProgramResult play(const Arguments& more) const {
    Arguments arguments = {"predict", model, "--data", folder.file("dry1.wav"), "--out", folder.file("out.wav")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  // What was played against what should be heard at a setting.
  double error(double drive) const {
    const std::vector<float> got = read_sound(folder.file("out.wav"), kRate), wanted = wet(1, drive);
    double error = 0, energy = 0;
    for (std::size_t i = 50; i < wanted.size(); ++i) {
      error += std::pow(static_cast<double>(got[i] - wanted[i]), 2);
      energy += std::pow(static_cast<double>(wanted[i]), 2);
    }
    return error / energy;
  }

  TempFolder folder;
  std::string data, table, model = folder.file("m.safetensors");
};

TEST(EffectKnobs, AreHeardAtSettingsBetweenThoseOfTheData) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Settings s;
  const ProgramResult trained = s.train({"--knobs", "drive"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const ProgramResult played = s.play({"--knob", "drive=0.3"});
  ASSERT_EQ(played.code, 0) << played.err;
  EXPECT_EQ(played.err, "");
  const double with = s.error(0.3);
  EXPECT_LT(with, 0.01);
  EXPECT_NE(run_program({"info", s.model}).out.find("drive from 0.2 to 1"), std::string::npos);
  // A line has the knob where it has no output, and the flag says it for all lines.
  const ProgramResult line = run_program({"predict", s.model, "--data", s.folder.write("a.txt", "dry1.wav\t0.3\n")});
  ASSERT_EQ(line.code, 0) << line.err;
  const std::string bare = s.folder.write("b.txt", "dry1.wav\ndry1.wav\n");
  EXPECT_EQ(run_program({"predict", s.model, "--data", bare, "--knob", "drive=0.3"}).out, line.out + line.out);
  ASSERT_EQ(s.train({"--data", s.table, "--valid", s.table}).code, 0);
  ASSERT_EQ(s.play({}).code, 0);
  EXPECT_GT(s.error(0.3), 50 * with);
}

TEST(EffectKnobs, StandInColumnsOfAnyName) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Settings s;
  const Arguments how = {"--knobs", "drive", "--epochs", "1"};
  ASSERT_EQ(s.train(how).code, 0);
  const std::string bytes = s.folder.read("m.safetensors");
  const ProgramResult of_table =
      s.train({"--knobs", "drive", "--epochs", "1", "--data", s.table, "--valid", s.table, "--columns", "drive=Drive"});
  ASSERT_EQ(of_table.code, 0) << of_table.err;
  const ProgramResult evaluated = run_program({"eval", s.model, "--data", s.table, "--columns", "drive=Drive"});
  const ProgramResult of_lines = run_program({"eval", s.model, "--data", s.data});
  EXPECT_EQ(evaluated.out, of_lines.out) << evaluated.err << of_lines.err;
}

TEST(EffectKnobs, OutsideTheDataAreAGuess) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Settings s;
  ASSERT_EQ(s.train({"--knobs", "drive", "--epochs", "1"}).code, 0);
  const ProgramResult played = s.play({"--knob", "drive=1.5"});
  EXPECT_EQ(played.code, 0);
  EXPECT_TRUE(played.err.find("dry1.wav: record 1: the knob \"drive\" stands at 1.5, and the training data has it from "
                              "0.2 to 1: what comes out is a guess\n") != std::string::npos)
      << played.err;
  EXPECT_TRUE(std::filesystem::exists(s.folder.file("out.wav")));
  const std::string list = s.folder.write("a.txt", "dry1.wav\t0.4\n\ndry0.wav\t0.1\ndry2.wav\t2\n");
  const ProgramResult lines = run_program({"predict", s.model, "--data", list});
  EXPECT_NE(lines.err.find("a.txt: record 2: the knob \"drive\" stands at 0.1, "), std::string::npos) << lines.err;
  EXPECT_NE(lines.err.find("a guess, and that of 1 more"), std::string::npos) << lines.err;
}

TEST(EffectKnobs, ThatAreMissingOrWrongAreTold) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const Settings s;
  ASSERT_EQ(s.train({"--knobs", "drive", "--epochs", "1"}).code, 0);
  EXPECT_TRUE(
      s.play({}).complains("dry1.wav: a sound does not say where the knob \"drive\" stands; give --knob drive=NUMBER"));
  EXPECT_TRUE(run_program({"predict", s.model, "--data", s.folder.write("bare.txt", "dry1.wav\n")})
                  .complains("bare.txt: line 1: expected input<TAB>output<TAB>drive, or input<TAB>drive, got no tab"));
  EXPECT_TRUE(s.play({"--knob", "gain=1", "--knob", "drive=1"})
                  .complains("knob \"gain\": the model has no such knob; expected one of \"drive\""));
  EXPECT_TRUE(s.play({"--knob", "drive=1", "--knob", "drive=0.5"}).complains("knob \"drive\": is given twice"));
  for (const char* wrong : {"drive", "drive=", "drive=loud", "drive=nan", "drive=inf", "=1"}) {
    const ProgramResult result = s.play({"--knob", wrong});
    EXPECT_EQ(result.code, 2) << wrong;
    EXPECT_TRUE(result.complains(
        fmt::format("--knob: expected the name of a knob and where it stands, as gain=0.7, got \"{}\"", wrong)))
        << result.err;
  }
  EXPECT_TRUE(s.train({"--knobs", "drive,tone"})
                  .complains("pairs.tsv: line 1: expected input<TAB>output<TAB>drive<TAB>tone, got 2 tabs"));
  EXPECT_TRUE(s.train({"--knobs", "drive,drive"}).complains("--knobs: \"drive\" is there twice"));
  const std::string still = s.folder.write("still.tsv", "dry0.wav\twet0-0.2.wav\t1\ndry0.wav\twet0-0.6.wav\t1\n");
  EXPECT_TRUE(s.train({"--knobs", "drive", "--data", still})
                  .complains("the knob \"drive\" stands at 1 in all records; expected different ones"));
  ASSERT_EQ(s.train({"--data", s.table, "--valid", s.table, "--epochs", "1"}).code, 0);
  EXPECT_TRUE(s.play({"--knob", "drive=1"}).complains("knob \"drive\": the model has no knobs"));
  const TrainedModel of_texts;
  EXPECT_TRUE(run_program({"predict", of_texts.model, "--data", of_texts.text, "--knob", "drive=1"})
                  .complains("knob \"drive\": the model has no knobs"));
}

}  // namespace
}  // namespace recur::effect_knobs_test
