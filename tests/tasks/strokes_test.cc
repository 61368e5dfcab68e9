// The task strokes: its loss and gradients, what batches and threads must not change, and that it learns and draws.
#include "recur/strokes.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "autograd/stroke_loss.h"
#include "recur/model.h"
#include "support/error_of.h"
#include "support/records.h"
#include "support/resumed.h"
#include "support/saved_models.h"
#include "support/settings.h"

namespace recur::strokes_test {
namespace {

constexpr const char* kDrawings =
    "{\"strokes\": [[1, 0.5, 0], [0, -2, 1], [3, 1, 0], [-1, 0, 0]]}\n"
    "{\"strokes\": [[2, 2, 1]]}\n"
    "{\"strokes\": [[0, 1, 0], [1, 0, 0]]}\n";

StrokesOptions options_of(const char* cell) {
  StrokesOptions options;
  options.network = {.cell = cell, .layers = 1, .hidden = 3};
  options.components = 2;
  return options;
}

class Strokes : public testing::TestWithParam<const char*> {
 protected:
  const WithThreads alone_{1};
  RecordsCase case_{options_of(GetParam()), kDrawings, 0.5F};
};
INSTANTIATE_TEST_SUITE_P(All, Strokes, testing::Values("elman", "lstm-peephole", "gru"));

TEST_P(Strokes, GradientsAgreeWithDifferences) { expect_gradients(case_.mean_loss(), case_.values(), 2e-3); }

TEST_P(Strokes, AreTheSameOnAnyThreads) { expect_same_on_any_threads(case_.mean_loss(), case_.values()); }

TEST_P(Strokes, ABatchLosesWhatItsDrawingsLoseAlone) {
  const LossSum all = case_.loss(case_.batch);
  LossSum alone;
  for (const std::size_t record : {2U, 0U, 1U}) alone += case_.loss({record});
  EXPECT_EQ(all.predictions, 7U);
  EXPECT_EQ(alone.predictions, 7U);
  EXPECT_NEAR(all.nats, alone.nats, 1e-5);
}

TEST_P(Strokes, PredictionsHaveTheLossOfTheirDrawings) {
  predict(*case_.network, *case_.records, {}, [&](std::size_t record, Prediction&& prediction) {
    const auto& drawing = std::get<StrokesPrediction>(prediction);
    EXPECT_NEAR(drawing.nats, case_.loss({record}).nats, 1e-5);
    EXPECT_EQ(drawing.steps, case_.records->lengths[record]);
  });
}

// What a network without weights says is the same at every step: its biases.
TEST(StrokesLoss, IsOfStepsInTheirDeviation) {
  const RecordsCase c(options_of("lstm"), kDrawings);
  std::ranges::fill(c.network->parameters().values(), 0.0F);
  const double deviation = std::sqrt((1 + 0.25 + 4 + 9 + 1 + 1 + 4 + 4 + 1 + 1) / 14);
  const std::vector<float> p(stroke_outputs(2));
  std::vector<double> gradient(p.size());
  const auto scaled = [&](double x) { return static_cast<float>(x / deviation); };
  double nats = 0;
  nats += stroke_loss(p, std::vector<float>{scaled(0), scaled(1), 0}, gradient);
  nats += stroke_loss(p, std::vector<float>{scaled(1), scaled(0), 2}, gradient);
  EXPECT_NEAR(c.loss({2}).nats, nats, 1e-5);
}

// Of a drawing that is cut nothing is known of its end.
TEST(StrokesRecords, EndWhereTheyEnd) {
  const RecordsCase c(options_of("lstm"), kDrawings);
  const auto pens = [&](const Records& of) {
    std::vector<float> all;
    const std::span<const float> numbers = of.columns[0].numbers[0];
    for (std::size_t i = 2; i < numbers.size(); i += 3) all.push_back(numbers[i]);
    return all;
  };
  EXPECT_EQ(pens(*c.records), (std::vector<float>{0, 1, 0, 2}));
  EXPECT_EQ(pens(*c.read(kDrawings, false, 3)), (std::vector<float>{0, 1, 0}));
  const Cell cell = c.network->fields()[0]->cell(c.records->columns[0], 0);
  const std::vector<double> as_in_the_file = {1, 0.5, 0, 0, -2, 1, 3, 1, 0, -1, 0, 1};
  for (std::size_t i = 0; i < as_in_the_file.size(); ++i) {
    EXPECT_NEAR(std::get<Numbers>(cell).values[i], as_in_the_file[i], 1e-6) << i;
  }
}

TEST(StrokesMisuse, IsNamed) {
  const std::pair<std::string, const char*> cases[] = {
      {"{\"strokes\": [[1, 2]]}\n", "expected \"strokes\" to have 3 numbers a step, [dx, dy, lifted], got 2"},
      {"{\"strokes\": [[1, 2, 0], [1, 2, 0.5]]}\n",
       "expected 1 where the pen is lifted after a step, else 0, got 0.5 in step 2"},
      {"{\"strokes\": []}\n", "the strokes is empty; expected at least one step"},
  };
  for (const auto& [text, problem] : cases) {
    const std::string error = error_of([&] { RecordsCase(options_of("lstm"), text); });
    EXPECT_NE(error.find(problem), std::string::npos) << error;
  }
  StrokesOptions backwards = options_of("lstm");
  backwards.network.bidirectional = true;
  EXPECT_TRUE(error_of([&] { RecordsCase(backwards, kDrawings); }).starts_with("--bidirectional: "));
  const RecordsCase c(options_of("lstm"), "{\"strokes\": [[1e-5, 0, 0]]}\n");
  const std::string far = error_of([&] { c.read("{\"strokes\": [[3e38, 0, 0]]}\n", false); });
  EXPECT_NE(far.find("of the size of those"), std::string::npos) << far;
  const Model words = Model::untrained({}, 5);
  EXPECT_NE(error_of([&] { sketch(words); }).find("draws no strokes"), std::string::npos);
}

// A zigzag of three teeth of a height of its own, behind a line that is lifted.
std::string zigzags() {
  std::string text;
  for (const int height : {6, 8, 10}) {
    text += fmt::format("{{\"strokes\": [[30, {}, 1]", height);
    for (int i = 0; i < 6; ++i) text += fmt::format(", [5, {}, 0]", i % 2 == 0 ? -height : height);
    text += "]}\n";
  }
  return text;
}

struct ZigzagsJob {
  explicit ZigzagsJob(std::size_t epochs) {
    job.data = job.validation = folder.write("zigzags.jsonl", zigzags());
    job.model = folder.file("m.safetensors");
    StrokesOptions options = options_of("lstm");
    options.network.hidden = 24;
    options.components = 4;
    job.task = options;
    job.training.epochs = epochs;
    job.training.batch = 1;
    job.training.schedule.learning_rate = 0.02F;
  }

  TempFolder folder;
  Job job;
};

TEST(StrokesTraining, LearnsToDraw) {
  const ZigzagsJob zigzags(200);
  const Model model = Model::train(zigzags.job);
  const auto metrics = nlohmann::json::parse(model.evaluate(zigzags.job.validation).metrics);
  EXPECT_EQ(metrics["drawings"], 3);
  EXPECT_EQ(metrics["steps"], 21);
  EXPECT_LT(metrics["nats_per_step"], -2);
  const std::vector<PenStep> drawing = sketch(model, {.length = 7, .temperature = 0}).front();
  ASSERT_EQ(drawing.size(), 7U);
  const double height = drawing.front().dy;
  EXPECT_TRUE(drawing.front().lifts);
  for (std::size_t i = 1; i < drawing.size(); ++i) {
    EXPECT_NEAR(drawing[i].dx, 5, 1);
    EXPECT_NEAR(drawing[i].dy, i % 2 == 1 ? -height : height, 2);
  }
}

bool same(const std::vector<PenStep>& a, const std::vector<PenStep>& b) {
  return std::ranges::equal(
      a, b, [](const PenStep& x, const PenStep& y) { return x.dx == y.dx && x.dy == y.dy && x.lifts == y.lifts; });
}

TEST(Sketch, FollowsFromTheSeed) {
  const ZigzagsJob zigzags(3);
  const Model model = Model::train(zigzags.job);
  const auto both = sketch(model, {.count = 2, .length = 30, .seed = 4});
  EXPECT_TRUE(same(both[1], sketch(model, {.length = 30, .seed = 5})[0]));
  EXPECT_FALSE(same(both[0], both[1]));
  EXPECT_LE(both[0].size(), 30U);
  EXPECT_TRUE(sketch(model, {.count = 0}).empty());
  EXPECT_TRUE(sketch(model, {.length = 0})[0].empty());
}

// Wherever it stopped, behind the last step too, before its epoch was validated.
TEST(StrokesTraining, GoesOnWithTheSameBits) {
  const ZigzagsJob whole(2);
  const std::string metrics = metrics_resumed(whole.job, 0);
  for (const int stop : {1, 3, 6}) {
    const ZigzagsJob stopped(2);
    EXPECT_EQ(metrics_resumed(stopped.job, stop), metrics) << stop;
  }
}

}  // namespace
}  // namespace recur::strokes_test
