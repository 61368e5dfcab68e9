#include <fmt/format.h>

#include "autograd/stroke_loss.h"
#include "nn/heads/next_step_heads.h"

namespace recur {

NextStrokeHead::NextStrokeHead(const NextStrokeSpec& spec, const HeadPlace& place)
    : NextStepHead(field_as<StrokesField>(place.fields, spec.field, "next stroke"), stroke_outputs(spec.components),
                   place),
      spec_(spec) {}

LossSum NextStrokeHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const Var y = outputs(run, encoded);
  const std::size_t rows = run.tape.value(y).rows;
  return {stroke_loss(run.tape, y, wanted(batch, rows), gradient_scale(batch, rows)), rows};
}

void NextStrokeHead::predict(const Run& run, const Encoding& encoded, const Batch& batch,
                             const PredictOptions& /*options*/, std::span<Prediction> predictions) const {
  const Matrix y = finite_outputs(run, encoded);
  const std::span<const float> strokes = wanted(batch, y.rows);
  const Steps& steps = *encoded.steps;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    StrokesPrediction drawing{0, steps.length_of(i)};
    for (std::size_t t = 0; t < drawing.steps; ++t) {
      const std::size_t row = steps.offset(t) + i;
      drawing.nats +=
          stroke_loss({y.data + row * y.stride, y.columns}, strokes.subspan(row * kPenNumbers, kPenNumbers), {});
    }
    predictions[i] = drawing;
  }
}

std::vector<std::pair<std::string, std::string>> NextStrokeHead::describe() const {
  return {{"output", fmt::format("a mixture of {}", spec_.components)}};
}

}  // namespace recur
