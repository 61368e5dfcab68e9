#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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
  const auto unknown = [](float target) { return std::isnan(target); };
  const std::size_t known =
      wanted.numbers.size() - static_cast<std::size_t>(std::ranges::count_if(wanted.numbers, unknown));
  if (known == 0) return {};
  return {squared_error(run.tape, y, wanted.numbers, gradient_scale(batch, known)), known};
}

Numbers unscaled_rows(const Matrix& y, const Steps& steps, std::size_t record, const NumbersField& numbers) {
  Numbers result{{}, numbers.width()};
  for (std::size_t t = 0; t < steps.length_of(record); ++t) {
    const float* row = y.data + (steps.offset(t) + record) * y.stride;
    for (std::size_t column = 0; column < y.columns; ++column) {
      result.values.push_back(numbers.unscaled(row[column], column));
    }
  }
  return result;
}

void ValuesHead::predict(const Run& run, const Encoding& encoded, const Batch& /*batch*/,
                         const PredictOptions& /*options*/, std::span<Prediction> predictions) const {
  const Matrix y = run.tape.value(outputs(run, encoded));
  check_results({y.data, y.rows * y.stride}, "an output");
  const Steps one = Steps::rectangle(predictions.size(), 1);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    predictions[i] = NumbersPrediction{unscaled_rows(y, pool_ ? one : *encoded.steps, i, numbers_)};
  }
}

std::optional<StepOutput> ValuesHead::step_output() const {
  const bool any = pool_ && pool_->kind() != Pooling::last;  // of steps to come, too
  return any ? std::nullopt : std::optional(output_.of_step(&numbers_));
}

std::vector<std::pair<std::string, std::string>> ValuesHead::describe() const {
  return {{numbers_.name(), numbers_.describe()}};
}

}  // namespace recur
