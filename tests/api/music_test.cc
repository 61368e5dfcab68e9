// Models of chords from a program: pieces that they compose, step by step, and what becomes of these.
#include "recur/music.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/temp_folder.h"
#include "recur/stream.h"
#include "recur/types/error.h"
#include "support/error_of.h"
#include "support/saved_models.h"

namespace recur::music_test {
namespace {

Numbers roll_of(const std::vector<std::vector<int>>& steps) {
  Numbers roll{std::vector<double>(128 * steps.size()), 128};
  for (std::size_t t = 0; t < steps.size(); ++t) {
    for (const int note : steps[t]) roll.values[128 * t + static_cast<std::size_t>(note)] = 1;
  }
  return roll;
}

struct ChordsModel {
  ChordsModel() {
    std::string pieces;
    for (int i = 0; i < 8; ++i) pieces += "{\"notes\": [[60, 64], [62], [60, 67], []]}\n";
    Job job;
    job.data = job.validation = folder.write("p.jsonl", pieces);
    job.model = folder.file("m.safetensors");
    ChordsOptions options;
    options.network = {.cell = "gru", .layers = 2, .hidden = 6};
    job.task = options;
    job.training.epochs = 30;
    job.training.schedule.learning_rate = 0.05F;
    model.emplace(Model::train(job));
  }
  TempFolder folder;
  std::optional<Model> model;
};

TEST(Compose, FollowsFromTheSeed) {
  const ChordsModel m;
  const auto piece = compose(*m.model, {.length = 20, .seed = 3});
  ASSERT_EQ(piece.size(), 20U);
  EXPECT_EQ(compose(*m.model, {.length = 20, .seed = 3}), piece);
  EXPECT_NE(compose(*m.model, {.length = 20, .seed = 4}), piece);
  const auto shorter = compose(*m.model, {.length = 7, .seed = 3});
  EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), piece.begin()));
  for (const auto& step : piece) {
    EXPECT_TRUE(std::ranges::is_sorted(step));
    for (const int note : step) EXPECT_TRUE(note >= 21 && note <= 108) << note;
  }
}

// At temperature 0 it writes what it would predict of what it has written.
TEST(Compose, AtTemperatureZeroIsWhatIsPredicted) {
  const ChordsModel m;
  const auto piece = compose(*m.model, {.length = 12, .temperature = 0});
  const std::vector<Record> records = {{{"notes", roll_of(piece)}}};
  EXPECT_EQ(std::get<NotesPrediction>(m.model->predict(records).front()).steps, piece);
}

// What a stream says step by step has the loss of the whole piece.
TEST(Compose, AStreamReadsChords) {
  const ChordsModel m;
  const std::vector<std::vector<int>> piece = {{60, 64}, {62}, {}, {61, 90}, {60}};
  Stream stream = m.model->stream({.realtime = true});
  EXPECT_EQ(stream.vocabulary(), 0U);
  ASSERT_EQ(stream.inputs(), 88U);
  ASSERT_EQ(stream.outputs(), 88U);
  std::vector<float> keys(88), logits(88);
  double nats = 0;
  for (const auto& step : piece) {
    stream.step(keys, logits);
    std::ranges::fill(keys, 0.0F);
    for (const int note : step) keys[static_cast<std::size_t>(note - 21)] = 1;
    for (std::size_t i = 0; i < 88; ++i)
      nats += std::log1p(std::exp(static_cast<double>(keys[i] > 0 ? -logits[i] : logits[i])));
  }
  const std::vector<Record> records = {{{"notes", roll_of(piece)}}};
  EXPECT_NEAR(std::get<NotesPrediction>(m.model->predict(records).front()).nats, nats, 1e-5 * nats);
  EXPECT_THROW(stream.step(0, logits), Error);
}

TEST(Compose, IsForModelsOfChords) { EXPECT_THROW(compose(Model::untrained({}, 5)), Error); }

TEST(Compose, HasATemperature) {
  const ChordsModel m;
  EXPECT_THROW(compose(*m.model, {.length = 1, .temperature = -1}), Error);
  EXPECT_THROW(compose(*m.model, {.length = 1, .temperature = std::numeric_limits<double>::quiet_NaN()}), Error);
}

TEST(Score, HoldsNotesThatSoundOn) {
  const std::vector<std::vector<int>> steps = {{60, 64}, {60}, {}, {60, 62}, {62}};
  const Score score = score_of(steps, 2);
  std::string notes;
  for (const Note& n : score.notes) notes += fmt::format("{} {} {};", n.number, n.start, n.length);
  EXPECT_EQ(notes, "60 0 1;64 0 0.5;60 1.5 0.5;62 1.5 1;");
  EXPECT_EQ(score.tempo, 120);
}

TEST(Score, BecomesAFileAndAPage) {
  const AbcTune tune = read_abc("T:Up\nK:C\nCDE|");
  EXPECT_EQ(tune.bars, 1U);
  EXPECT_TRUE(midi_file(tune.score).starts_with("MThd"));
  EXPECT_NE(music_page(tune.score).find("<h1>Up</h1>"), std::string::npos);
}

TEST(Score, IsOfNotesThatMidiHas) {
  for (const Score& score : {Score{"", 10, {{0, 0, 559'240}}}, Score{"", 1000, {{127, 559'240, 0}}}}) {
    EXPECT_NO_THROW(midi_file(score));
  }
  const double infinite = std::numeric_limits<double>::infinity();
  const std::pair<Score, const char*> cases[] = {
      {{"", 3.5, {}}, "the tempo of a score: expected 10 to 1000 quarter notes a minute, got 3.5"},
      {{"", 1001, {}}, "the tempo of a score: expected 10 to 1000 quarter notes a minute, got 1001"},
      {{"", std::nan(""), {}}, "the tempo of a score: expected 10 to 1000 quarter notes a minute, got nan"},
      {{"", 120, {{-1, 0, 1}}}, "a note of a score: expected a number from 0 to 127, got -1"},
      {{"", 120, {{60, 0, 1}, {128, 0, 1}}}, "a note of a score: expected a number from 0 to 127, got 128"},
      {{"", 120, {{60, -1, 1}}},
       "a note of a score: expected a start and a length that are finite and not negative, got -1 and 1"},
      {{"", 120, {{60, 0, infinite}}},
       "a note of a score: expected a start and a length that are finite and not negative, got 0 and inf"},
      {{"", 120, {{60, 1e6, 1}}}, "a score of 1000001 quarter notes is too long; expected at most 559240"},
      {read_abc("L:999\nK:C\nz999 C|").score, "a score of 3996000 quarter notes is too long; expected at most 559240"}};
  for (const auto& [score, problem] : cases) {
    for (const auto& write : {midi_file, music_page}) {
      EXPECT_EQ(error_of([&] { static_cast<void>(write(score)); }), problem);
    }
  }
  EXPECT_THROW(midi_file(score_of(std::vector<std::vector<int>>{{60}}, 0)), Error);
}

}  // namespace
}  // namespace recur::music_test
