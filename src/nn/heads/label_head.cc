#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "base/finite.h"
#include "base/json_fields.h"
#include "kernels/softmax.h"
#include "nn/heads/heads.h"

namespace recur {

OutputIds::OutputIds(std::size_t outputs, std::size_t width, Parameters& parameters)
    : count(outputs),
      weight(parameters.declare("output.weight", outputs, width,
                                InitialValues::within(1 / std::sqrt(static_cast<float>(width))))),
      bias(parameters.declare("output.bias", 0, outputs,
                              InitialValues::within(1 / std::sqrt(static_cast<float>(width))))) {}

LabelHead::LabelHead(const LabelHeadSpec& spec, const HeadPlace& place)
    : spec_(spec),
      field_(field_named(place.fields, spec.field, "label")),
      labels_(field_as<LabelField>(place.fields, spec.field, "label")),
      pool_(spec.pooling, place.layers, place.parameters),
      output_(labels_.names().size(), place.layers.output_width(), place.parameters) {
  if (!spec.rank_by.empty() && labels_.names().size() != 2) {
    fail("{}: expected two labels, wrong and right, got {}", labels_.name(), labels_.describe());
  }
  if (!labels_.counts().empty()) {
    class_weights_ = label_weights(spec.class_weights, labels_.names(), labels_.counts());
  }
}

void LabelHead::write(nlohmann::json& configuration) const { configuration["class_weights"] = class_weights_; }

void LabelHead::read(const nlohmann::json& configuration) {
  ReadFields{configuration}("class_weights", class_weights_);
  if (!class_weights_.empty() && class_weights_.size() != labels_.names().size()) {
    fail("its configuration has {} class weights for {} labels", class_weights_.size(), labels_.names().size());
  }
  if (!std::ranges::all_of(class_weights_, [](float weight) { return weight >= 0 && std::isfinite(weight); })) {
    fail("its configuration's 'class_weights' are not numbers of at least 0");
  }
}

LossSum LabelHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::span<const int> targets = batch.fields[field_].targets;
  CrossEntropy how;
  how.gradient_scale = gradient_scale(batch, targets.size());
  how.class_weights = class_weights_;
  const Var x = pool_(run, encoded.stack.output, *encoded.steps);
  return {linear_cross_entropy(run.tape, x, run[output_.weight], run[output_.bias], targets, how), targets.size()};
}

void LabelHead::predict(const Run& run, const Encoding& encoded, const Batch& /*batch*/,
                        const PredictOptions& /*options*/, std::span<Prediction> predictions) const {
  const Matrix logits = run.tape.value(output_(run, pool_(run, encoded.stack.output, *encoded.steps)));
  std::vector<std::size_t> order(logits.columns);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::span<float> row(logits.data + i * logits.stride, logits.columns);
    check_results(row, "the score of a label");
    softmax(row);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t label) { return row[label]; });
    LabelPrediction& prediction = predictions[i].emplace<LabelPrediction>();
    for (const std::size_t label : order) prediction.labels.push_back({labels_.names()[label], row[label]});
  }
}

std::optional<StepOutput> LabelHead::step_output() const {
  return spec_.pooling == Pooling::last ? std::optional(output_.of_step()) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> LabelHead::describe() const {
  return {{"pooling", std::string(to_string(spec_.pooling))}, {"labels", labels_.describe()}};
}

}  // namespace recur
