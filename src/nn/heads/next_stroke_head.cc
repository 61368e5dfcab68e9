#include "nn/heads/next_stroke_head.h"

#include <fmt/format.h>

#include "autograd/stroke_loss.h"
#include "base/error.h"
#include "base/finite.h"

namespace recur {

NextStrokeHead::NextStrokeHead(const NextStrokeSpec& spec, const HeadPlace& place)
    : spec_(spec),
      field_(field_named(place.fields, spec.field, "next stroke")),
      output_(stroke_outputs(spec.components), place.layers.output_width(), place.parameters) {
  field_as<StrokesField>(place.fields, spec.field, "next stroke");
  if (place.layers.directions() == 2) {
    fail("--bidirectional: what is to be predicted is what would be read; leave it out");
  }
}

LossSum NextStrokeHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::span<const float> steps = batch.fields[field_].numbers;
  const Var y = output_(run, encoded.stack.output);
  const std::size_t rows = run.tape.value(y).rows;
  if (steps.size() != rows * kPenNumbers) {
    fail("next stroke: expected {} steps, as many as are read, got {}", rows, steps.size() / kPenNumbers);
  }
  return {stroke_loss(run.tape, y, steps, gradient_scale(batch, rows)), rows};
}

void NextStrokeHead::predict(const Run& run, const Encoding& encoded, const Batch& batch,
                             const PredictOptions& /*options*/, std::span<Prediction> predictions) const {
  const std::span<const float> numbers = batch.fields[field_].numbers;
  const Matrix y = run.tape.value(output_(run, encoded.stack.output));
  check_results({y.data, y.rows * y.stride}, "an output");
  const Steps& steps = *encoded.steps;
  std::vector<double> gradient(y.columns);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    StrokesPrediction drawing{0, steps.length_of(i)};
    for (std::size_t t = 0; t < drawing.steps; ++t) {
      const std::size_t row = steps.offset(t) + i;
      drawing.nats +=
          stroke_loss({y.data + row * y.stride, y.columns}, numbers.subspan(row * kPenNumbers, kPenNumbers), gradient);
    }
    predictions[i] = drawing;
  }
}

std::vector<std::pair<std::string, std::string>> NextStrokeHead::describe() const {
  return {{"output", fmt::format("a mixture of {}", spec_.components)}};
}

}  // namespace recur
