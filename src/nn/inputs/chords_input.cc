#include <algorithm>

#include "nn/inputs/inputs.h"

namespace recur {

ChordsInput::ChordsInput(const ChordsSpec& spec, const Fields& fields)
    : field_(field_named(fields, spec.field, "chords")), notes_(field_as<NotesField>(fields, spec.field, "chords")) {}

Sequence ChordsInput::read(const Run& run, const Batch& batch) const {
  const FieldBatch& notes = batch.fields[field_];
  const Steps& steps = notes.steps;
  const Var x = run.tape.add(steps.total(), kKeys);
  float* const to = run.tape.value(x).data;
  std::fill_n(to, steps.rows(0) * kKeys, 0.0F);
  for (std::size_t t = 1; t < steps.length(); ++t) {
    std::copy_n(notes.numbers.data() + steps.offset(t - 1) * kKeys, steps.rows(t) * kKeys,
                to + steps.offset(t) * kKeys);
  }
  return {x, {}, &steps};
}

std::pair<std::string, std::string> ChordsInput::describe() const { return {"input", notes_.describe()}; }

}  // namespace recur
