#include "measures/note_measures.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace recur::note_measures_test {
namespace {

Numbers roll_of(const std::vector<std::vector<std::size_t>>& steps) {
  Numbers roll{std::vector<double>(128 * steps.size()), 128};
  for (std::size_t t = 0; t < steps.size(); ++t) {
    for (const std::size_t note : steps[t]) roll.values[128 * t + note] = 1;
  }
  return roll;
}

// By hand: 2 of 4, 0 of 1, 0 of 2; a step without anything counts nothing.
TEST(NoteMeasures, CountNotesThatSoundAndArePredicted) {
  const auto measures = make_note_measures({"notes"});
  measures->add(NotesPrediction{{{60, 64, 70}, {}, {50}}, 1}, {}, roll_of({{60, 64, 67}, {72}, {}}));
  measures->add(NotesPrediction{{{}, {}}, 1}, {}, roll_of({{61}, {}}));
  const auto metrics = measures->metrics({15, 5}, {});
  EXPECT_DOUBLE_EQ(metrics["accuracy"], 2.0 / 7);
  EXPECT_DOUBLE_EQ(metrics["nats_per_step"], 3);
  EXPECT_EQ(metrics["steps"], 5);
  EXPECT_EQ(measures->input_field(), "notes");
}

TEST(NoteMeasures, AreNullOfSilence) {
  const auto measures = make_note_measures({"notes"});
  measures->add(NotesPrediction{{{}}, 0}, {}, roll_of({{}}));
  EXPECT_TRUE(measures->metrics({1, 1}, {})["accuracy"].is_null());
}

}  // namespace
}  // namespace recur::note_measures_test
