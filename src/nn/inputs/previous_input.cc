#include <algorithm>

#include "nn/inputs/inputs.h"

namespace recur {

PreviousInput::PreviousInput(const PreviousSpec& spec, const Fields& fields)
    : field_(field_named(fields, spec.field, "previous step")),
      steps_(field_as<StepsField>(fields, spec.field, "previous step")) {}

Sequence PreviousInput::read(const Run& run, const Batch& batch) const {
  const FieldBatch& field = batch.fields[field_];
  const Steps& steps = field.steps;
  const Var x = run.tape.add(steps.total(), width());
  float* const to = run.tape.value(x).data;
  std::fill_n(to, steps.rows(0) * width(), 0.0F);
  for (std::size_t t = 1; t < steps.length(); ++t) {
    std::copy_n(field.numbers.data() + steps.offset(t - 1) * width(), steps.rows(t) * width(),
                to + steps.offset(t) * width());
  }
  return {x, {}, &steps};
}

std::pair<std::string, std::string> PreviousInput::describe() const { return {"input", steps_.describe()}; }

}  // namespace recur
