// recur train draw, and what becomes of its models.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/texts.h"
#include "data/array_bytes.h"
#include "data/frames/picture_file.h"
#include "data/frames/picture_writer.h"

namespace recur::draw_test {
namespace {

using nlohmann::json;

struct Workplace {
  TempFolder folder;
  std::string model = folder.file("m.safetensors");

  // Pictures of 6 x 6 of the given bytes for what is drawn; each has another bar.
  std::string bars(std::size_t count, char ink = '\1') const {
    std::string bytes(count * 36, '\0');
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t x = 0; x < 6; ++x) bytes[i * 36 + i % 6 * 6 + x] = ink;
    }
    return folder.write("bars.npy", npy("|u1", "(" + std::to_string(count) + ", 6, 6)", bytes));
  }
  ProgramResult train(const std::string& data, const Arguments& more = {}) const {
    return run_program(
        with({"train",      "draw", "--data",   data, "--valid", data, "--out",    model, "--hidden", "8",
              "--glimpses", "4",    "--latent", "3",  "--batch", "6",  "--epochs", "3",   "--write",  "3"},
             more));
  }
  ProgramResult sample(const Arguments& more) const { return run_program(with({"sample", model}, more)); }
};

TEST(DrawCommand, TrainsSaysHowProbablePicturesAreAndDraws) {
  const Workplace w;
  const std::string data = w.bars(12);
  const ProgramResult trained = w.train(data);
  ASSERT_EQ(trained.code, 0) << trained.err;
  const double best = json::parse(trained.out)["best_loss"];
  const ProgramResult measured = run_program({"eval", w.model, "--data", data});
  ASSERT_EQ(measured.code, 0) << measured.err;
  const json metrics = json::parse(measured.out);
  EXPECT_EQ(metrics["pictures"], 12);
  EXPECT_NEAR(metrics["nats_per_picture"].get<double>(), best, 1e-4);
  EXPECT_NEAR(metrics["bits_per_dimension"].get<double>() * 36 * std::log(2.0), best, 1e-4);
  const ProgramResult predicted = run_program({"predict", w.model, "--data", data});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  double sum = 0;
  std::istringstream lines(predicted.out);
  for (double nats = 0; lines >> nats;) sum += nats;
  EXPECT_NEAR(sum / 12, best, 1e-4);
  EXPECT_EQ(std::count(predicted.out.begin(), predicted.out.end(), '\n'), 12);
  EXPECT_EQ(run_program({"info", w.model}).code, 0);
}

TEST(DrawCommand, DrawsIntoFiles) {
  if (!has_pictures()) GTEST_SKIP() << "built without pictures";
  const Workplace w;
  ASSERT_EQ(w.train(w.bars(6)).code, 0);
  const std::string grid = w.folder.file("grid.png"), strip = w.folder.file("strip.png");
  const ProgramResult sampled = w.sample({"--n", "5", "--out", grid, "--canvas", strip, "--seed", "3"});
  EXPECT_EQ(sampled.code, 0) << sampled.err;
  EXPECT_EQ(sampled.out, "");
  // 2 rows of 3, each pixel a square of 10; 5 rows of 4 steps, each a square of 21; gaps of 2.
  const Picture pictures = decode_picture(grid, 1), steps = decode_picture(strip, 3);
  EXPECT_EQ(pictures.height, 2 * 62 + 2U);
  EXPECT_EQ(pictures.width, 3 * 62 + 2U);
  EXPECT_EQ(steps.height, 5 * 128 + 2U);
  EXPECT_EQ(steps.width, 4 * 128 + 2U);
  // The last step of the first strip is the first picture.
  for (std::size_t y = 0; y < 6; ++y) {
    for (std::size_t x = 0; x < 6; ++x) {
      const std::size_t to = (2 + 21 * y + 10) * steps.width + 2 + 3 * 128 + 21 * x + 10;
      const bool framed = steps.bytes[3 * to] != steps.bytes[3 * to + 1];
      if (framed) continue;
      EXPECT_EQ(steps.bytes[3 * to], pictures.bytes[(2 + 10 * y + 5) * pictures.width + 2 + 10 * x + 5]);
    }
  }
  const std::string again = w.folder.file("again.png"), other = w.folder.file("other.png");
  w.sample({"--n", "5", "--out", again, "--seed", "3"});
  w.sample({"--n", "5", "--out", other, "--seed", "4"});
  EXPECT_EQ(decode_picture(again, 1).bytes, pictures.bytes);
  EXPECT_NE(decode_picture(other, 1).bytes, pictures.bytes);
}

TEST(DrawCommand, ReadsPicturesInEveryForm) {
  const Workplace w;
  std::string lines, paths;
  for (int i = 0; i < 6; ++i) {
    Picture picture{4, 4, 3, std::vector<std::uint8_t>(48, static_cast<std::uint8_t>(40 * i))};
    const std::string path = w.folder.file("p" + std::to_string(i) + ".png");
    if (has_pictures()) write_png(path, picture);
    paths += path + "\n";
    lines += json{{"image", {{0, i % 2, 1}, {1, 0.5, 0}}}}.dump() + "\n";
  }
  const ProgramResult of_lines = w.train(w.folder.write("a.jsonl", lines));
  EXPECT_EQ(of_lines.code, 0) << of_lines.err;
  const ProgramResult of_idx = w.train(w.folder.write("a.idx", idx('\x08', {6, 3, 2}, std::string(36, '\x80'))));
  EXPECT_EQ(of_idx.code, 0) << of_idx.err;
  const ProgramResult of_npz = w.train(
      w.folder.write("a.npz", npz({{"image", npy("<f4", "(6, 2, 2)", element_bytes(std::vector<float>(24, 0.5F)))}})));
  EXPECT_EQ(of_npz.code, 0) << of_npz.err;
  if (!has_pictures()) return;
  const ProgramResult of_files = w.train(w.folder.write("a.txt", paths), {"--height", "5", "--width", "3", "--colour"});
  EXPECT_EQ(of_files.code, 0) << of_files.err;
}

TEST(DrawCommand, TakesPicturesOfOnePixel) {
  const Workplace w;
  const ProgramResult trained =
      w.train(w.folder.write("a.jsonl", "{\"image\": [[0]]}\n{\"image\": [[1]]}\n{\"image\": [[1]]}\n"));
  EXPECT_EQ(trained.code, 0) << trained.err;
}

TEST(DrawMisuse, OfWhatIsNoPicture) {
  const Workplace w;
  EXPECT_TRUE(w.train(w.folder.write("one.jsonl", "{\"image\": [[0]]}\n"), {"--attention=false"})
                  .complains("--write: only goes with --attention"));
  EXPECT_TRUE(w.train(w.bars(6), {"--height", "9"}).complains("--height: is of pictures, and "));
  const auto complains = [&](const std::string& lines, const std::string& text) {
    const ProgramResult result = w.train(w.folder.write("a.jsonl", lines));
    EXPECT_TRUE(result.complains(text)) << result.err;
    EXPECT_NE(result.code, 0);
  };
  const std::string good = "{\"image\": [[0, 1], [1, 0]]}\n";
  complains(good + "{\"image\": [[0, 1, 1], [1, 0, 1]]}\n", "a.jsonl: line 2: ");
  complains(good + "{\"image\": [[0, 1], [1]]}\n", "a.jsonl: line 2: ");
  complains(good + "{\"image\": [[0, 256], [1, 0]]}\n", "a.jsonl: line 2: ");
  complains(good + "{\"image\": [[0, -1], [1, 0]]}\n", "a.jsonl: line 2: ");
  complains(good + "{\"image\": [[0, NaN], [1, 0]]}\n", "a.jsonl: line 2: ");
  complains(good + "{\"image\": [[0, \"x\"], [1, 0]]}\n", "a.jsonl: line 2: ");
  complains(good + "{\"image\": []}\n", "a.jsonl: line 2: ");
  complains(good + "{\"picture\": [[1]]}\n", "a.jsonl: line 2: ");
  const std::vector<float> floats = {0, 0.5F, std::numeric_limits<float>::quiet_NaN(), 1};
  const ProgramResult of_nan = w.train(w.folder.write("a.npy", npy("<f4", "(1, 2, 2)", element_bytes(floats))));
  EXPECT_TRUE(of_nan.complains("a.npy: ")) << of_nan.err;
}

TEST(DrawMisuse, OfAnotherSizeThanTheModels) {
  const Workplace w;
  ASSERT_EQ(w.train(w.bars(6)).code, 0);
  const std::string data = w.folder.write("a.jsonl", "{\"image\": [[0, 1], [1, 0]]}\n");
  for (const char* command : {"eval", "predict"}) {
    const ProgramResult result = run_program({command, w.model, "--data", data});
    EXPECT_TRUE(result.complains("a.jsonl: line 1: expected a picture of 6 x 6")) << result.err;
  }
}

TEST(DrawMisuse, OfSample) {
  const Workplace w;
  ASSERT_EQ(w.train(w.bars(6)).code, 0);
  const std::string out = w.folder.file("a.png");
  EXPECT_TRUE(w.sample({}).complains("--out: "));
  EXPECT_TRUE(w.sample({"--out", w.folder.file("a.jpg")}).complains("--out: expected the name of a .png file"));
  EXPECT_TRUE(w.sample({"--out", out, "--canvas", "x"}).complains("--canvas: "));
  EXPECT_TRUE(w.sample({"--out", out, "--canvas", w.folder.file("./a.png")}).complains("is written already"));
  EXPECT_TRUE(w.sample({"--out", w.folder.file("no/folder/a.png")}).complains("a.png"));
  for (const char* flag : {"--prompt", "--condition", "--length", "--stop", "--temperature", "--top-k", "--top-p",
                           "--min-p", "--repetition-window", "--ban", "--only"}) {
    const ProgramResult result = w.sample({"--out", out, flag, "1"});
    EXPECT_TRUE(result.complains(std::string(flag) + ": ")) << result.err;
  }
  const std::string text = w.folder.file("text.safetensors");
  ASSERT_EQ(recur::train(w.folder.write("a.txt", rhyme(10)), text).code, 0);
  for (const Arguments& flag : {Arguments{"--out", out}, {"--canvas", out}}) {
    const ProgramResult result = run_program(with({"sample", text}, flag));
    EXPECT_TRUE(result.complains(flag[0] + ": only a model that draws")) << result.err;
  }
}

TEST(DrawMisuse, OfOptions) {
  const Workplace w;
  const std::string data = w.bars(6);
  EXPECT_TRUE(w.train(data, {"--layers", "2"}).complains("--layers: "));
  EXPECT_TRUE(w.train(data, {"--temporal-penalty", "1"}).complains("--temporal-penalty: "));
  EXPECT_NE(w.train(data, {"--read", "0"}).code, 0);
}

}  // namespace
}  // namespace recur::draw_test
