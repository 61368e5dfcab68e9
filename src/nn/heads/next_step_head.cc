#include "base/error.h"
#include "base/finite.h"
#include "nn/heads/next_step_heads.h"

namespace recur {

NextStepHead::NextStepHead(const StepsField& field, std::size_t outputs, const HeadPlace& place)
    : steps_(field),
      field_(field_named(place.fields, field.name(), "next step")),
      output_(outputs, place.layers.output_width(), place.parameters) {
  if (place.layers.directions() == 2) {
    fail("--bidirectional: what is to be predicted is what would be read; leave it out");
  }
}

Matrix NextStepHead::finite_outputs(const Run& run, const Encoding& encoded) const {
  const Matrix y = run.tape.value(outputs(run, encoded));
  check_results({y.data, y.rows * y.stride}, "an output");
  return y;
}

std::span<const float> NextStepHead::wanted(const Batch& batch, std::size_t rows) const {
  const std::span<const float> numbers = batch.fields[field_].numbers;
  if (numbers.size() == rows * steps_.width()) return numbers;
  fail("next step: expected {} steps of the {}, as many as are read, got {}", rows, steps_.name(),
       numbers.size() / steps_.width());
}

}  // namespace recur
