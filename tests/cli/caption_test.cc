// recur train caption, and what predict and eval do with its models.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/temp_folder.h"
#include "cli/run_program.h"
#include "data/frames/picture_file.h"
#include "support/sounds.h"

namespace recur::caption_test {
namespace {

using nlohmann::json;

constexpr const char* kColours[] = {"red", "green", "blue"};

// A vector says which colour and how many.
std::string record(int colour, int many) {
  const std::string text = fmt::format("{} {}", many == 0 ? "a" : "two", kColours[colour]);
  return fmt::format("{{\"vector\": [{}, {}, {}, {}], \"texts\": [\"{} thing\", \"{} thing .\"]}}\n",
                     colour == 0 ? 1 : 0, colour == 1 ? 1 : 0, colour == 2 ? 1 : 0, many, text, text);
}
std::string records(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += record(i % 3, i / 3 % 2);
  return lines;
}

struct Things {
  TempFolder folder;
  std::string data = folder.write("train.jsonl", records(60));
  std::string valid = folder.write("valid.jsonl", records(6));
  std::string model = folder.file("m.safetensors");

  ProgramResult train(const std::string& of, const Arguments& more = {}) const {
    return run_program(
        with({"train",     "caption", "--data",   of,   "--out",   model, "--hidden", "24",   "--embedding", "8",
              "--dropout", "0",       "--epochs", "20", "--batch", "6",   "--lr",     "0.02", "--min-count", "1"},
             more));
  }
};

TEST(Caption, LearnsWritesAndIsMeasured) {
  const Things s;
  const ProgramResult trained = s.train(s.data, {"--valid", s.valid});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_GT(json::parse(trained.out)["best_cider"], 0) << trained.out;
  const ProgramResult text = run_program({"predict", s.model, "--data", s.valid});
  EXPECT_EQ(std::count(text.out.begin(), text.out.end(), '\n'), 6) << text.out << text.err;
  EXPECT_TRUE(text.out.starts_with("a red thing")) << text.out;
  const json metrics = json::parse(run_program({"eval", s.model, "--data", s.valid}).out);
  EXPECT_EQ(metrics["records"], 12);
  EXPECT_EQ(metrics["pictures"], 6);
  EXPECT_GT(metrics["bleu_1"], 99) << metrics;
  EXPECT_GT(metrics["cider"], metrics["constant"]["cider"]);
}

TEST(Caption, OfAPlaceForEachVectorShowsWhereItLooked) {
  const Things s;
  std::string maps;
  for (int i = 0; i < 30; ++i) {
    maps += fmt::format("{{\"vector\": [[{}, 0], [0, {}]], \"texts\": \"{} {}\"}}\n", i % 2, i / 2 % 2,
                        i % 2 == 0 ? "no" : "one", i / 2 % 2 == 0 ? "none" : "two");
  }
  const std::string data = s.folder.write("maps.jsonl", maps);
  ASSERT_EQ(s.train(data, {"--attention", "additive", "--size", "8"}).code, 0);
  const std::string where = s.folder.file("where");
  const ProgramResult text = run_program({"predict", s.model, "--data", data, "--alignments", where});
  EXPECT_TRUE(text.out.starts_with("no none\none none\n")) << text.out << text.err;
  const json first = json::parse(s.folder.read("where").substr(0, s.folder.read("where").find('\n')));
  EXPECT_EQ(first["source"].size(), 2U);
}

TEST(Caption, SeesPictures) {
  if (!has_pictures()) GTEST_SKIP() << "built without pictures";
  const Things s;
  std::string lines;
  for (int i = 0; i < 12; ++i) {
    std::string pixels;
    for (int k = 0; k < 64; ++k) {
      for (int c = 0; c < 3; ++c) pixels += static_cast<char>(c == i % 3 ? 200 + i : 10 + k % 7);
    }
    s.folder.write(fmt::format("{}.png", i), png(pixels, {.width = 8, .height = 8, .colour = 2}));
    lines += fmt::format("{}.png\t{}\n", i, kColours[i % 3]);
  }
  const std::string data = s.folder.write("pictures.tsv", lines);
  const ProgramResult trained =
      s.train(data, {"--height", "8", "--width", "8", "--convolutions", "2", "--channels", "4", "--valid", data});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string paths = s.folder.write("new.txt", "1.png\n2.png\n");
  EXPECT_EQ(run_program({"predict", s.model, "--data", paths}).out, "green\nblue\n");
  EXPECT_EQ(run_program({"predict", s.model, "--data", s.folder.file("2.png")}).out, "blue\n");
  const std::string wrong = s.folder.write("wrong.txt", "pictures.tsv\n");
  const ProgramResult none = run_program({"predict", s.model, "--data", wrong});
  EXPECT_TRUE(none.complains("wrong.txt: line 1: expected the name of a picture (.png .jpg .jpeg), got")) << none.err;
  s.folder.write("cut.png", s.folder.read("1.png").substr(0, 60));
  const ProgramResult cut = run_program({"predict", s.model, "--data", s.folder.write("cut.txt", "cut.png\n")});
  EXPECT_TRUE(cut.complains("cut.png: expected a picture (PNG or JPEG)")) << cut.err;
}

TEST(Caption, MayBeOfPieces) {
  const Things s;
  const ProgramResult trained = s.train(s.data, {"--tokenizer", "subword", "--subwords", "40", "--min-count", "0"});
  ASSERT_EQ(trained.code, 0) << trained.err;
}

TEST(Caption, NamesWhatIsWrong) {
  const Things s;
  EXPECT_TRUE(s.train(s.data, {"--learned-state"}).complains("--learned-state: what the decoder is about makes the"));
  EXPECT_TRUE(
      s.train(s.data, {"--attention", "additive", "--layers", "2", "--connection", "residual"})
          .complains("--connection: joins what is above the layer that looks; expected --layers of at least 3"));
  const auto problem = [&](const std::string& bytes) { return s.train(s.folder.write("d.jsonl", bytes)); };
  EXPECT_TRUE(problem("{\"vector\": [1, 2], \"texts\": []}\n")
                  .complains("d.jsonl: line 1: expected texts in \"texts\", got none"));
  EXPECT_TRUE(problem("{\"vector\": [1, 2], \"texts\": [\"a\"]}\n{\"vector\": [1], \"texts\": [\"a\"]}\n")
                  .complains("d.jsonl: line 2: expected 2 numbers in every step, got 1"));
  ASSERT_EQ(s.train(s.data).code, 0);
  const std::string other = s.folder.write("other.jsonl", "{\"vector\": [1, 2]}\n");
  EXPECT_TRUE(run_program({"predict", s.model, "--data", other}).complains("expected 4 numbers in every step, got 2"));
  EXPECT_TRUE(
      run_program({"eval", s.model, "--data", "-", "--baseline", s.data}).complains("--baseline: expected two files"));
  const ProgramResult nearest = run_program({"eval", s.model, "--data", s.valid, "--baseline", s.data});
  EXPECT_EQ(json::parse(nearest.out)["nearest"]["bleu_1"], 100) << nearest.out << nearest.err;
}

}  // namespace
}  // namespace recur::caption_test
