// recur train strokes, and what becomes of its models.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/step_scores.h"
#include "cli/texts.h"

namespace recur::strokes_test {
namespace {

using nlohmann::json;

struct Workplace {
  explicit Workplace(const std::string& line = "{\"strokes\": [[1, 0.5, 0], [0, -2, 1], [3, 1, 0], [-1, 0, 0]]}\n") {
    std::string text;
    for (int i = 0; i < 8; ++i) text += line;
    data = folder.write("drawings.jsonl", text);
    trained = run_program({"train", "strokes", "--data", data, "--valid", data, "--out", model, "--hidden", "8",
                           "--components", "2", "--epochs", "3", "--batch", "4"});
  }
  ProgramResult sample(const Arguments& more = {}) const { return run_program(with({"sample", model}, more)); }

  TempFolder folder;
  std::string model = folder.file("m.safetensors"), data;
  ProgramResult trained;
};

TEST(StrokesCommand, TrainsAndSaysHowProbableDrawingsAre) {
  const Workplace w;
  ASSERT_EQ(w.trained.code, 0) << w.trained.err;
  const double best = json::parse(w.trained.out)["best_loss"];
  const ProgramResult measured = run_program({"eval", w.model, "--data", w.data});
  ASSERT_EQ(measured.code, 0) << measured.err;
  const json metrics = json::parse(measured.out);
  EXPECT_EQ(metrics["drawings"], 8);
  EXPECT_EQ(metrics["steps"], 32);
  EXPECT_NEAR(metrics["nats_per_step"].get<double>(), best, 1e-4);
  const ProgramResult predicted = run_program({"predict", w.model, "--data", w.data});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  expect_step_scores(predicted.out, 8, 4, best);
  // The root of (1 + 0.25 + 4 + 9 + 1 + 1) / 8.
  EXPECT_NE(run_program({"info", w.model}).out.find("steps of a pen, of a deviation of 1.42522"), std::string::npos);
}

TEST(StrokesCommand, Draws) {
  const Workplace w;
  const ProgramResult drawn = w.sample({"--n", "3", "--length", "5", "--seed", "2"});
  ASSERT_EQ(drawn.code, 0) << drawn.err;
  std::istringstream lines(drawn.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json strokes = json::parse(line)["strokes"];
    EXPECT_TRUE(!strokes.empty() && strokes.size() <= 5) << line;
    EXPECT_EQ(strokes[0].size(), 3U);
  }
  EXPECT_EQ(count, 3);
  // Which is data again.
  EXPECT_EQ(run_program({"predict", w.model, "--data", w.folder.write("new.jsonl", drawn.out)}).code, 0);
  const std::string picture = w.folder.file("a.svg");
  const ProgramResult pictured = w.sample({"--n", "3", "--out", picture});
  ASSERT_EQ(pictured.code, 0) << pictured.err;
  EXPECT_EQ(pictured.out, "");
  EXPECT_TRUE(w.folder.read("a.svg").starts_with("<svg "));
}

TEST(StrokesCommand, RefusesWhatIsOfNoUse) {
  const Workplace w;
  const std::pair<Arguments, const char*> cases[] = {
      {{"--prompt", "a"}, "--prompt: "},
      {{"--top-k", "3"}, "--top-k: "},
      {{"--canvas", "a.png"}, "--canvas: "},
      {{"--midi", "a.mid"}, "--midi: "},
      {{"--out", "a.png"}, "--out: expected the name of a .svg file, got a.png"},
      {{"--out", w.model}, "--out: "}};
  for (const auto& [flags, message] : cases) {
    const ProgramResult result = w.sample(flags);
    EXPECT_EQ(result.code, 2) << message;
    EXPECT_TRUE(result.complains(message)) << result.err;
  }
}

}  // namespace
}  // namespace recur::strokes_test
