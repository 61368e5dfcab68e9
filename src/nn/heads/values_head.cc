#include <fmt/format.h>

#include "autograd/readout.h"
#include "base/error.h"
#include "base/finite.h"
#include "nn/heads/heads.h"

namespace recur {

ValuesHead::ValuesHead(const ValuesSpec& spec, const HeadPlace& place)
    : field_(field_named(place.fields, spec.field, "values")),
      numbers_(field_as<NumbersField>(place.fields, spec.field, "values")),
      pool_(spec.pooling ? std::optional<Pool>(std::in_place, *spec.pooling, place.layers, place.parameters)
                         : std::nullopt),
      output_(numbers_.width(), place.layers.output_width(), place.parameters) {}

Var ValuesHead::outputs(const Run& run, const Encoding& encoded) const {
  const Var x = encoded.stack.output;
  return output_(run, pool_ ? (*pool_)(run, x, *encoded.steps) : x);
}

LossSum ValuesHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const FieldBatch& wanted = batch.fields[field_];
  const Var y = outputs(run, encoded);
  const std::size_t rows = run.tape.value(y).rows;
  if (rows * numbers_.width() != wanted.numbers.size()) {
    fail("{}: expected {} vectors, got {}", numbers_.name(), rows, wanted.numbers.size() / numbers_.width());
  }
  // The mean over a vector's numbers is a prediction's loss.
  const auto width = static_cast<float>(numbers_.width());
  const double sum = squared_error(run.tape, y, wanted.numbers, gradient_scale(batch, rows) / width);
  return {sum / static_cast<double>(width), rows};
}

void ValuesHead::predict(const Run& run, const Encoding& encoded, const Batch& /*batch*/,
                         const PredictOptions& /*options*/, std::span<Prediction> predictions) const {
  const Matrix y = run.tape.value(outputs(run, encoded));
  check_results({y.data, y.rows * y.stride}, "an output");
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    NumbersPrediction& prediction = predictions[i].emplace<NumbersPrediction>();
    prediction.numbers.width = numbers_.width();
    const std::size_t steps = pool_ ? 1 : encoded.steps->length_of(i);
    for (std::size_t t = 0; t < steps; ++t) {
      const float* row = y.data + (pool_ ? i : encoded.steps->offset(t) + i) * y.stride;
      for (std::size_t column = 0; column < y.columns; ++column) {
        prediction.numbers.values.push_back(numbers_.unscaled(row[column], column));
      }
    }
  }
}

std::vector<std::pair<std::string, std::string>> ValuesHead::describe() const {
  return {{numbers_.name(), numbers_.describe()}};
}

}  // namespace recur
