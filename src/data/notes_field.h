// Pieces of music: which keys of a piano sound at each step.
#pragma once

#include <cstddef>

#include "data/steps_field.h"

namespace recur {

// A piano roll: which notes sound, [steps, kMidiNotes], as cells have it, and of a piano's keys alone, [steps, kKeys],
// as it is encoded (as in Boulanger-Lewandowski, Bengio & Vincent 2012).
inline constexpr std::size_t kMidiNotes = 128, kKeys = 88;
inline constexpr std::size_t kFirstKey = 21;  // MIDI's number of a piano's lowest note, A0; the highest is C8

class NotesField : public StepsField {
 public:
  explicit NotesField(const FieldSpec& spec) : StepsField(spec, CellKind::notes) {}

  std::size_t width() const override { return kKeys; }
  void learn(const Source& source, const Cell& cell) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  std::string empty_problem(const Source& source, const Cell& cell) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  // It is the same for all models.
  void write(nlohmann::json& /*configuration*/) const override {}
  std::string describe() const override;
};

}  // namespace recur
