// The task draw: its gradients, what training and the order of records must not change, and that it learns.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "nn/heads/draw_head.h"
#include "recur/model.h"
#include "support/records.h"
#include "support/settings.h"

namespace recur::draw_test {
namespace {

// Pictures of 4 x 5 in grey, or in colours.
std::string pictures(std::size_t channels, std::size_t count = 3) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    nlohmann::json image = nlohmann::json::array();
    for (std::size_t y = 0; y < 4; ++y) {
      image.push_back(nlohmann::json::array());
      for (std::size_t x = 0; x < 5 * channels; ++x)
        image.back().push_back(static_cast<double>((7 * i + 3 * y + x * x) % 5) / 4);
    }
    text += nlohmann::json{{"image", image}}.dump() + "\n";
  }
  return text;
}

DrawOptions options_of(bool attention, const char* cell = "lstm") {
  DrawOptions options;
  options.network = {.cell = cell, .layers = 1, .hidden = 4};
  options.glimpses = 3;
  options.latent = 3;
  options.attention = attention;
  options.write = 3;
  return options;
}

struct DrawingCase {
  const char* name;
  DrawOptions options;
  std::size_t channels = 1;
};
std::vector<DrawingCase> drawing_cases() {
  DrawOptions colour = options_of(true, "gru"), learned = options_of(false);
  colour.colour = true;
  learned.network.learned_state = learned.network.layer_norm = true;
  return {{"attention", options_of(true)}, {"whole", options_of(false)}, {"colour", colour, 3}, {"learned", learned}};
}

class Drawings : public testing::TestWithParam<DrawingCase> {
 protected:
  const WithThreads alone_{1};
  RecordsCase case_{GetParam().options, pictures(GetParam().channels), 0.5F};
};
INSTANTIATE_TEST_SUITE_P(All, Drawings, testing::ValuesIn(drawing_cases()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(Drawings, GradientsAgreeWithDifferences) { expect_gradients(case_.mean_loss(), case_.values(), 2e-3); }

TEST_P(Drawings, AreTheSameOnAnyThreads) { expect_same_on_any_threads(case_.mean_loss(), case_.values()); }

TEST_P(Drawings, ABatchLosesWhatItsRecordsLoseAlone) {
  const LossSum all = case_.loss(case_.batch);
  LossSum alone;
  for (const std::size_t record : {2U, 0U, 1U}) alone += case_.loss({record});
  EXPECT_EQ(all.predictions, 3U);
  EXPECT_EQ(alone.predictions, 3U);
  EXPECT_NEAR(all.nats, alone.nats, 1e-9 * all.nats);
}

TEST_P(Drawings, PredictionsHaveTheLossOfTheirRecords) {
  predict(*case_.network, *case_.records, {}, [&](std::size_t record, Prediction&& prediction) {
    const auto& picture = std::get<ImagePrediction>(prediction);
    EXPECT_NEAR(picture.nats, case_.loss({record}).nats, 1e-9 * picture.nats);
    EXPECT_EQ(picture.height, 4U);
    EXPECT_EQ(picture.width, 5U);
    EXPECT_EQ(picture.channels, GetParam().channels);
    ASSERT_EQ(picture.pixels.size(), 20 * picture.channels);
    for (const float x : picture.pixels) EXPECT_TRUE(x > 0 && x < 1) << x;
  });
}

// Training draws others at each step, and nothing of it is left in what evaluation draws.
TEST_P(Drawings, TrainingDrawsAnewAndEvaluationDoesNot) {
  const auto nats = [&](const Noise& noise) {
    Tape tape;
    return case_.loss_on(tape, *case_.records, case_.batch, noise).nats;
  };
  EXPECT_EQ(nats(Noise(1, 5)), nats(Noise(1, 5)));
  EXPECT_NE(nats(Noise(1, 5)), nats(Noise(1, 6)));
  EXPECT_NE(nats(Noise(1, 5)), nats(Noise(2, 5)));
  EXPECT_EQ(nats(Noise::silent()), case_.loss(case_.batch).nats);
}

const DrawHead& head_of(const Network& network) { return dynamic_cast<const DrawHead&>(network.head()); }

std::vector<Drawing> draw(const Network& network, std::size_t count, std::uint64_t seed) {
  std::vector<Drawing> drawings;
  head_of(network).draw(network.parameters(), count, seed, [&](Drawing&& d) { drawings.push_back(std::move(d)); });
  return drawings;
}

TEST_P(Drawings, FollowFromTheSeedAndTheirNumber) {
  const std::vector<Drawing> many = draw(*case_.network, 40, 7), few = draw(*case_.network, 2, 7);
  ASSERT_EQ(many.size(), 40U);
  ASSERT_EQ(few.size(), 2U);
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].canvases, many[i].canvases);
  EXPECT_NE(many[0].canvases, many[1].canvases);
  EXPECT_NE(many[0].canvases, many[32].canvases);
  EXPECT_NE(many[0].canvases, draw(*case_.network, 1, 8)[0].canvases);
  EXPECT_EQ(many[0].steps(), 3U);
  EXPECT_EQ(many[0].picture().size(), 20 * GetParam().channels);
  EXPECT_EQ(many[0].windows.size(), GetParam().options.attention ? 3U : 0U);
}

// Without a word from encoder or decoder: a canvas of zeros, so each pixel is 1 or 0 by one half; latents are standard
// normal.
TEST(DrawingLoss, OfANetworkThatSaysNothingIsABitAPixel) {
  const RecordsCase c(options_of(true), pictures(1));
  std::ranges::fill(c.network->parameters().values(), 0.0F);
  EXPECT_NEAR(c.loss(c.batch).mean(), 20 * std::log(2.0), 1e-5);
}

// Where the grid begins it covers the canvas, and a stroke is as strong as what is drawn.
TEST(Drawings, AFirstStrokeOfOnesAddsAboutOneToEachPixel) {
  constexpr std::size_t kSide = 20;
  const std::vector<std::vector<int>> black(kSide, std::vector<int>(kSide));
  DrawOptions options = options_of(true);
  options.write = 4;
  const RecordsCase c(options, nlohmann::json{{"image", black}}.dump() + "\n", 1e-6F);
  const auto& declarations = c.network->parameters().declarations();
  const auto bias = std::ranges::find_if(declarations, [](const auto& d) { return d.name.ends_with("write.bias"); });
  ASSERT_NE(bias, declarations.end());

  const GlimpseShape shape{1, kSide, kSide, options.write};
  const std::vector<float> ones(shape.patch(), 1);
  std::vector<float> canvas(shape.pixels()), kept(shape.kept()), scratch(shape.scratch());
  stroke(shape, c.network->parameters().values().data() + bias->offset, ones.data(), canvas.data(), kept.data(),
         scratch.data(), canvas.data());
  EXPECT_NEAR(std::accumulate(canvas.begin(), canvas.end(), 0.0) / static_cast<double>(canvas.size()), 1, 1e-3);
  EXPECT_GT(std::ranges::min(canvas), 0.25F);
  EXPECT_LT(std::ranges::max(canvas), 2.0F);
}

TEST(DrawingMisuse, OfANetworkThatCannotDraw) {
  const auto complaint = [](const std::function<void(DrawOptions&)>& change) -> std::string {
    DrawOptions options = options_of(true);
    change(options);
    try {
      RecordsCase c(options, pictures(1));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const auto begins = [&](const char* text, const std::function<void(DrawOptions&)>& change) {
    EXPECT_TRUE(complaint(change).starts_with(text)) << complaint(change);
  };
  begins("--layers: ", [](DrawOptions& o) { o.network.layers = 2; });
  begins("--bidirectional: ", [](DrawOptions& o) { o.network.bidirectional = true; });
  begins("--window: ", [](DrawOptions& o) { o.network.window = 3; });
  begins("--cell: ", [](DrawOptions& o) { o.network.cell = "qrnn"; });
  begins("--activation-penalty: ", [](DrawOptions& o) { o.network.activation_penalty = 1; });
  begins("--temporal-penalty: ", [](DrawOptions& o) { o.network.temporal_penalty = 1; });
}

// Pictures of 6 x 6 with a bar across: in each of six rows, or of six columns.
std::string bars() {
  std::string text;
  for (std::size_t bar = 0; bar < 12; ++bar) {
    nlohmann::json image = nlohmann::json::array();
    for (std::size_t y = 0; y < 6; ++y) {
      image.push_back(nlohmann::json::array());
      for (std::size_t x = 0; x < 6; ++x) image.back().push_back((bar < 6 ? y : x + 6) == bar ? 1 : 0);
    }
    text += nlohmann::json{{"image", image}}.dump() + "\n";
  }
  return text;
}

struct BarsJob {
  explicit BarsJob(bool attention, std::size_t epochs, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += bars();
    job.data = folder.write("bars.jsonl", text);
    job.validation = folder.write("valid.jsonl", bars());
    job.model = folder.file("m.safetensors");
    DrawOptions options = options_of(attention);
    options.network.hidden = 32;
    options.glimpses = 6;
    options.latent = 4;
    options.read = options.write = 4;
    job.task = options;
    job.training.epochs = epochs;
    job.training.batch = 24;
    job.training.schedule.learning_rate = 0.01F;
    job.training.clipping.limit = 5;
  }
  double nats() const { return Model::load(job.model).evaluate(job.validation).nats; }

  TempFolder folder;
  Job job;
};

// Twelve equally probable pictures take log 12 = 2.5 nats, and the bound is above that; who knows of each pixel alone
// that it is 1 in one of six pictures takes 16.2.
TEST(DrawTraining, LearnsBars) {
  for (const bool attention : {false, true}) {
    const BarsJob bars(attention, 20, 60);
    const Model model = Model::train(bars.job);
    const double nats = bars.nats();
    EXPECT_LT(nats, attention ? 12 : 6);
    EXPECT_GT(nats, std::log(12.0));
    // The same as from a file.
    const Model loaded = Model::load(bars.job.model);
    EXPECT_EQ(model.evaluate(bars.job.validation).nats, nats);
    std::vector<float> drawn, again;
    model.draw(1, 3, [&](Drawing&& d) { drawn = std::move(d.canvases); });
    loaded.draw(1, 3, [&](Drawing&& d) { again = std::move(d.canvases); });
    EXPECT_EQ(drawn, again);
  }
}

TEST(DrawTraining, GoesOnWithTheSameBits) {
  const BarsJob whole(true, 2, 10);
  Model::train(whole.job);
  BarsJob stopped(true, 2, 10);
  TrainingHooks hooks;
  int asked = 0;
  hooks.stop_requested = [&] { return ++asked == 3; };
  EXPECT_EQ(Model::train(stopped.job, hooks).task(), "draw");
  stopped.job.resume = true;
  Model::train(stopped.job);
  EXPECT_EQ(stopped.nats(), whole.nats());
}

}  // namespace
}  // namespace recur::draw_test
