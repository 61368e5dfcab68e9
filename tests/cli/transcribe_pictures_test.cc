// recur train transcribe on pictures of lines, drawn here letter by letter, and what predict and eval do with its
// models.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "data/frames/picture_file.h"
#include "data/frames/sound_file.h"
#include "support/sounds.h"

namespace recur::transcribe_pictures_test {
namespace {

using nlohmann::json;

constexpr std::size_t kHeight = 7;
using Rows = std::array<std::string, kHeight>;  // '#' is ink

const Rows& letter(char c) {
  static const Rows o = {"    ", "### ", "# # ", "# # ", "# # ", "### ", "    "};
  static const Rows l = {"  ", "# ", "# ", "# ", "# ", "# ", "  "};
  static const Rows v = {"    ", "# # ", "# # ", "# # ", "# # ", " #  ", "    "};
  static const Rows t = {"    ", "### ", " #  ", " #  ", " #  ", " #  ", "    "};
  static const Rows blank = {"    ", "    ", "    ", "    ", "    ", "    ", "    "};
  return c == 'o' ? o : c == 'l' ? l : c == 'v' ? v : c == 't' ? t : blank;
}

Rows line_of(const std::string& text) {
  Rows rows;
  rows.fill(" ");
  for (const char c : text) {
    for (std::size_t y = 0; y < kHeight; ++y) rows[y] += letter(c)[y];
  }
  return rows;
}

struct Ink {
  std::size_t scale = 1;  // each pixel becomes so many squared
  char ink = 0;           // a level of grey
  bool clear = false;     // the paper is transparent, and black where it is not looked at
};

std::string picture(const std::string& text, const Ink& how = {}) {
  std::string samples;
  const Rows rows = line_of(text);
  for (std::size_t y = 0; y < kHeight * how.scale; ++y) {
    for (std::size_t x = 0; x < rows[0].size() * how.scale; ++x) {
      const bool ink = rows[y / how.scale][x / how.scale] == '#';
      samples += ink ? how.ink : how.clear ? '\0' : '\xFF';
      if (how.clear) samples += ink ? '\xFF' : '\0';
    }
  }
  return png(samples, {rows[0].size() * how.scale, kHeight * how.scale, how.clear ? 4 : 0});
}

std::string text_of(std::size_t i) {
  constexpr std::array kWords = {"lot", "love", "volt", "too", "toll", "tot", "vol", "to"};
  const std::string first = kWords[i * 7 % kWords.size()];
  return i % 3 == 0 ? first + " " + kWords[i / 3 % kWords.size()] : first;
}

struct Lines : testing::Test {
  void SetUp() override {
    if (!has_pictures()) GTEST_SKIP() << "built without pictures";
  }
  // So many pictures, of several sizes and blacknesses, and their manifest.
  std::string manifest(const std::string& name, std::size_t count) const {
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string path = fmt::format("{}{}.png", name, i);
      folder.write(path, picture(text_of(i), {1 + i % 3, static_cast<char>(i % 2 * 60)}));
      lines += path + "\t" + text_of(i) + "\n";
    }
    return folder.write(name + ".tsv", lines);
  }
  ProgramResult train(const std::string& data, const Arguments& more = {}) const {
    return train_sounds(data, with({"--height", "7"}, more));
  }
  ProgramResult train_sounds(const std::string& data, const Arguments& more = {}) const {
    return run_program(
        with({"train",    "transcribe", "--data",    data, "--valid",  data, "--out",   model, "--layers", "1",
              "--hidden", "16",         "--dropout", "0",  "--epochs", "40", "--batch", "8",   "--lr",     "0.02"},
             more));
  }
  ProgramResult predict(const std::string& data, const Arguments& more = {}) const {
    return run_program(with({"predict", model, "--data", data}, more));
  }

  TempFolder folder;
  std::string model = folder.file("m.safetensors");
};

using TranscribePictures = Lines;

TEST_F(TranscribePictures, LearnsAndReadsThemBack) {
  const std::string data = manifest("a", 120);
  const ProgramResult trained = train(data);
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(json::parse(trained.out)["best_wer"], 0) << trained.out;
  EXPECT_NE(trained.err.find("picture columns of 7 numbers"), std::string::npos) << trained.err;
  EXPECT_NE(run_program({"info", model}).out.find("picture columns of 7 numbers"), std::string::npos);

  std::string wanted;
  for (std::size_t i = 0; i < 8; ++i) wanted += text_of(i) + "\n";
  EXPECT_TRUE(predict(data).out.starts_with(wanted));
  EXPECT_TRUE(predict(data, {"--beam", "4"}).out.starts_with(wanted));
  EXPECT_TRUE(predict(data, {"--n-best", "2"}).out.starts_with("1\t-"));
  const std::string times = folder.file("times");
  EXPECT_EQ(predict(data, {"--alignments", times}).code, 0);
  const json words = json::parse(folder.read("times").substr(0, folder.read("times").find('\n')))["words"];
  ASSERT_EQ(words.size(), 2U);  // "lot lot"
  EXPECT_GT(words[1]["first"], words[0]["last"]);
  const json metrics = json::parse(run_program({"eval", model, "--data", data}).out);
  EXPECT_EQ(metrics["cer"], 0);

  // Without a manifest, and on glass.
  const std::string clear = folder.write("clear.PNG", picture("volt too", {2, 0, true}));
  EXPECT_EQ(predict(clear).out, "volt too\n");
  const std::string lexicon = folder.write("lexicon", "toll\ntot\n");
  EXPECT_EQ(predict(clear, {"--lexicon", lexicon}).out.find("volt"), std::string::npos);
  EXPECT_EQ(run_program({"states", model, "--data", data, "--out", folder.file("s.npy")}).code, 0);
}

// {"image": "a.png", ..}, and rows of pixels.
TEST_F(TranscribePictures, MayBeJson) {
  ASSERT_EQ(train(manifest("a", 120)).code, 0);
  std::string lines;
  for (const char* text : {"toll vol", "to"}) {
    json rows;
    for (const std::string& row : line_of(text)) {
      json pixels;
      for (const char c : row) pixels.push_back(c == '#' ? 0 : 255);
      rows.push_back(pixels);
    }
    lines += json({{"image", rows}, {"text", text}}).dump() + "\n";
  }
  lines += "{\"image\": \"a0.png\", \"text\": \"lot lot\"}\n";
  const std::string data = folder.write("m.jsonl", lines);
  EXPECT_EQ(predict(data).out, "toll vol\nto\nlot lot\n");
  EXPECT_EQ(train(data, {"--epochs", "1"}).code, 0);
  EXPECT_NE(run_program({"info", model}).out.find("picture columns"), std::string::npos);
  const ProgramResult wrong = predict(folder.write("wrong.jsonl", "{\"image\": [[0, 300]], \"text\": \"l\"}\n"));
  EXPECT_TRUE(
      wrong.complains("wrong.jsonl: line 1: expected numbers from 0 for black to 1 for white, or to 255, got "
                      "300"))
      << wrong.err;
}

TEST_F(TranscribePictures, AreReadByEveryKindOfNetwork) {
  const std::string data = manifest("a", 24);
  for (const char* output : {"ctc", "transducer", "attention"}) {
    const ProgramResult trained =
        train(data, {"--output", output, "--epochs", "1", "--layers", "2", "--every", "2", "--stack", "2"});
    ASSERT_EQ(trained.code, 0) << trained.err;
    EXPECT_EQ(predict(data, {"--n-best", "2", "--alignments", folder.file("a")}).code, 0) << output;
  }
  ASSERT_EQ(train(data, {"--bidirectional=false", "--epochs", "1"}).code, 0);
  EXPECT_TRUE(predict("-", {"--listen"}).complains("a model that reads pictures hears no sounds"));
}

TEST_F(TranscribePictures, AndSoundsAreForModelsOfTheirOwn) {
  const std::string data = manifest("a", 8);
  folder.write("sound.wav", wav(tone(440, 0.1)));
  const std::string said = "expected the name of a picture (.png .jpg .jpeg), got \"" + folder.file("sound.wav") +
                           "\"; a model reads pictures, or sounds and features";
  const ProgramResult mixed = train(folder.write("mixed.tsv", "a0.png\tlot\nsound.wav\tlove\n"));
  EXPECT_EQ(mixed.code, 1);
  EXPECT_TRUE(mixed.complains("mixed.tsv: line 2: " + said)) << mixed.err;
  ASSERT_EQ(train(data, {"--epochs", "1"}).code, 0);
  EXPECT_TRUE(predict(folder.write("new.txt", "a0.png\nsound.wav\n")).complains("new.txt: line 2: " + said));
  EXPECT_TRUE(predict(folder.file("sound.wav")).complains(said));

  if (!has_sound()) GTEST_SKIP() << "built without sound";
  const std::string picture_name =
      "got \"" + folder.file("a0.png") + "\"; a model reads pictures, or sounds and features";
  const std::string sounds = folder.write("sounds.tsv", "sound.wav\tl\na0.png\tlove\n");
  const ProgramResult amid = train_sounds(sounds);
  EXPECT_TRUE(amid.complains("sounds.tsv: line 2: expected the name of a sound or of features (.wav .flac "))
      << amid.err;
  EXPECT_NE(amid.err.find(picture_name), std::string::npos) << amid.err;
  const std::string named = folder.write("named.jsonl", "{\"audio\": \"a0.png\", \"text\": \"lot\"}\n");
  EXPECT_NE(train_sounds(named).err.find(picture_name), std::string::npos);
  ASSERT_EQ(train_sounds(folder.write("one.tsv", "sound.wav\tl\n"), {"--epochs", "1"}).code, 0);
  EXPECT_NE(predict(folder.file("a0.png")).err.find(picture_name), std::string::npos);
}

TEST_F(TranscribePictures, ThatAreNoneAreNamedWithTheirLine) {
  manifest("a", 2);
  folder.write("text.png", "not a picture");
  const ProgramResult none = train(folder.write("none.tsv", "a0.png\tlot\ntext.png\tlove\n"));
  EXPECT_EQ(none.code, 1);
  EXPECT_TRUE(none.complains("none.tsv: line 2: " + folder.file("text.png") + ": expected a picture (PNG or JPEG); "))
      << none.err;
  const std::string whole = folder.read("a0.png");
  folder.write("half.png", whole.substr(0, whole.size() / 2));
  const ProgramResult half = train(folder.write("half.tsv", "a0.png\tlot\nhalf.png\tlove\n"));
  EXPECT_TRUE(half.complains("half.tsv: line 2: " + folder.file("half.png") + ": expected a picture (PNG or JPEG); "))
      << half.err;
}

TEST_F(TranscribePictures, MayBeOfAnySize) {
  const std::string data = manifest("a", 12);
  const auto blank = [&](const std::string& name, std::size_t width, std::size_t height) {
    folder.write(name, png(std::string(width * height, '\xFF'), {.width = width, .height = height}));
  };
  blank("narrow.png", 1, 14);
  blank("flat.png", 20, 1);
  blank("wide.png", 20'000, 7);
  // One column is too few for five letters: it is named, and the others are learned.
  const std::string odd =
      folder.write("odd.tsv", folder.read("a.tsv") + "narrow.png\tlotto\nflat.png\tlot\nwide.png\tlot\n");
  const ProgramResult trained = train(odd, {"--epochs", "1"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find("odd.tsv: 1 records teach nothing: \"lotto\" takes 6 steps"), std::string::npos)
      << trained.err;
  EXPECT_NE(trained.err.find("1 over --max-length"), std::string::npos) << trained.err;
  const ProgramResult told = predict(folder.write("odd.txt", "narrow.png\nflat.png\nwide.png\n"));
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_EQ(std::ranges::count(told.out, '\n'), 3) << told.out;
}

}  // namespace
}  // namespace recur::transcribe_pictures_test
