// recur predict --listen: raw sound as it comes.
#include <gtest/gtest.h>

#include "cli/texts.h"
#include "data/frames/sound_file.h"
#include "support/sounds.h"

namespace recur::listen_test {
namespace {

std::string raw(const std::vector<float>& samples) {
  std::string bytes;
  for (const float x : samples) bytes += number_bytes(static_cast<std::uint16_t>(std::lround(32767 * x)), 2);
  return bytes;
}

TEST(ListenCommand, SaysEachChangeOfTheLabel) {
  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const TempFolder folder;
  std::string manifest;
  for (int i = 0; i < 8; ++i) {
    const std::string name = "t" + std::to_string(i) + ".wav";
    folder.write(name, wav(tone(i % 2 == 0 ? 300 + 5 * i : 1200 + 5 * i, 0.2, 8000), {.rate = 8000}));
    manifest += std::string(i % 2 == 0 ? "low" : "high") + "\t" + name + "\n";
  }
  const std::string data = folder.write("tones.tsv", manifest), model = folder.file("m.safetensors");
  const ProgramResult trained = run_program({"train",
                                             "classify",
                                             "--data",
                                             data,
                                             "--valid",
                                             data,
                                             "--out",
                                             model,
                                             "--sample-rate",
                                             "8000",
                                             "--mels",
                                             "12",
                                             "--bidirectional=false",
                                             "--pooling",
                                             "last",
                                             "--hidden",
                                             "8",
                                             "--epochs",
                                             "40",
                                             "--lr",
                                             "0.02",
                                             "--batch",
                                             "4"});
  ASSERT_EQ(trained.code, 0) << trained.err;

  std::vector<float> sound = tone(300, 0.4, 8000);
  const std::vector<float> high = tone(1200, 0.4, 8000);
  sound.insert(sound.end(), high.begin(), high.end());
  ProgramOptions options;
  options.input = raw(sound) + "\x7f";  // half a sample is none
  const ProgramResult heard = run_program({"predict", model, "--listen", "--data", "-"}, options);
  ASSERT_EQ(heard.code, 0) << heard.err;
  EXPECT_TRUE(heard.out.starts_with("low\n") || heard.out.starts_with("high\nlow\n")) << heard.out;
  EXPECT_TRUE(heard.out.ends_with("low\nhigh\n")) << heard.out;
  EXPECT_NE(heard.err.find("0.8 s of sound; 35 ms behind it at most"), std::string::npos) << heard.err;

  EXPECT_TRUE(
      run_program({"predict", model, "--listen", "--data", folder.file("none")}).complains("none: cannot open"));
  EXPECT_TRUE(run_program({"predict", model, "--listen", "--data", folder.file("t0.wav")})
                  .complains("t0.wav: expected samples alone, 16 bits each; got a file that begins with RIFF"));
  EXPECT_TRUE(run_program({"predict", model, "--listen", "--data", data, "--beam", "3"})
                  .complains("--beam: --listen has no use for it"));
  EXPECT_TRUE(run_program({"predict", model, "--surprise", "--data", data, "--plot", folder.file("p.svg")})
                  .complains("--plot: --surprise has no use for it"));
}

}  // namespace
}  // namespace recur::listen_test
