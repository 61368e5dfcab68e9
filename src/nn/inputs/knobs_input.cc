#include <fmt/format.h>

#include "nn/inputs/inputs.h"

namespace recur {

KnobsInput::KnobsInput(const KnobsSpec& spec, const Fields& fields)
    : beside_(field_named(fields, spec.beside, "knobs")) {
  for (const std::string& name : spec.fields) {
    fields_.push_back(field_named(fields, name, "knobs"));
    knobs_.push_back(&field_as<KnobField>(fields, name, "knobs"));
  }
}

Sequence KnobsInput::read(const Run& run, const Batch& batch) const {
  const FieldBatch& beside = batch.fields[beside_];
  const Var x = run.tape.add(beside.steps.total(), width());
  float* to = run.tape.value(x).data;
  for (std::size_t t = 0; t < beside.steps.length(); ++t) {
    for (std::size_t row = 0; row < beside.steps.rows(t); ++row) {
      for (const std::size_t field : fields_) *to++ = batch.fields[field].numbers[beside.of[row]];
    }
  }
  return {x, {}, &beside.steps};
}

std::pair<std::string, std::string> KnobsInput::describe() const {
  std::string text;
  for (const KnobField* knob : knobs_) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", knob->name(), knob->describe());
  }
  return {"knobs", text};
}

}  // namespace recur
