#include "data/notes_field.h"

#include <fmt/format.h>

#include <algorithm>

namespace recur {
namespace {

// Throws Error for what is no piano roll, or has notes that no piano has.
void check_roll(const Source& source, const Numbers& roll, const std::string& name) {
  if (roll.width != kMidiNotes) {
    source.fail(fmt::format("expected \"{}\" to have {} numbers a step, one for each note of MIDI, got {}", name,
                            kMidiNotes, roll.width));
  }
  for (std::size_t i = 0; i < roll.values.size(); ++i) {
    if (roll.values[i] == 0) continue;
    const std::size_t note = i % kMidiNotes;
    if (note < kFirstKey || note >= kFirstKey + kKeys) {
      source.fail(fmt::format("expected notes from {} to {}, the keys of a piano, got {} in step {}", kFirstKey,
                              kFirstKey + kKeys - 1, note, i / kMidiNotes + 1));
    }
    if (roll.values[i] < 0) {
      source.fail(fmt::format("expected 0 for a note that does not sound, more for one that does, got {} in step {}",
                              roll.values[i], i / kMidiNotes + 1));
    }
  }
}

}  // namespace

void NotesField::learn(const Source& source, const Cell& cell) {
  const Numbers& roll = std::get<Numbers>(cell);
  if (roll.steps() == 0) source.fail(empty_problem(source, cell));
  check_roll(source, roll, name());
}

void NotesField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const Numbers& roll = std::get<Numbers>(cell);
  to.length = roll.steps();
  if (to.length == 0) return;
  check_roll(source, roll, name());
  to.numbers.clear();
  for (std::size_t t = 0; t < to.length; ++t) {
    const double* const step = roll.values.data() + t * kMidiNotes + kFirstKey;
    std::transform(step, step + kKeys, std::back_inserter(to.numbers), [](double x) { return x > 0 ? 1 : 0; });
  }
}

std::string NotesField::empty_problem(const Source& /*source*/, const Cell& /*cell*/) const {
  return fmt::format("there are no {}; expected at least one step", name());
}

Cell NotesField::cell(const Column& column, std::size_t record) const {
  const std::span<const float> keys = column.numbers[record];
  Numbers roll{std::vector<double>(length(column, record) * kMidiNotes), kMidiNotes};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    roll.values[i / kKeys * kMidiNotes + kFirstKey + i % kKeys] = static_cast<double>(keys[i]);
  }
  return roll;
}

std::string NotesField::describe() const { return fmt::format("chords of a piano's {} notes", kKeys); }

}  // namespace recur
