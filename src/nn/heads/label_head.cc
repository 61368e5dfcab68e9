#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "kernels/softmax.h"
#include "nn/heads/heads.h"
#include "nn/heads/known_targets.h"

namespace recur {

namespace {

// Of scores z: their mean with the weights softmax(inverse * z).
double mean_score(std::span<const float> scores, double inverse) {
  const auto most = static_cast<double>(std::ranges::max(scores));
  double weights = 0, sum = 0;
  for (const float score : scores) {
    const double weight = std::exp(inverse * (static_cast<double>(score) - most));
    weights += weight;
    sum += weight * static_cast<double>(score);
  }
  return sum / weights;
}

}  // namespace

LabelHead::LabelHead(const LabelHeadSpec& spec, const HeadPlace& place)
    : FittedHead(field_as<LabelField>(place.fields, spec.field, "label"), spec.pooling, place), spec_(spec) {
  if (!spec.rank_by.empty() && labels_.names().size() != 2) {
    fail("its configuration's '{}s' are {}; expected two, one of what is right", labels_.name(),
         labels_.names().size());
  }
  if (!labels_.counts().empty()) {
    class_weights_ = label_weights(spec.class_weights, labels_.names(), labels_.counts());
  }
}

void LabelHead::write(nlohmann::json& configuration) const {
  configuration["class_weights"] = class_weights_;
  temperature_.write(configuration);
}

void LabelHead::read(const nlohmann::json& configuration) {
  ReadFields{configuration}("class_weights", class_weights_);
  if (!class_weights_.empty() && class_weights_.size() != labels_.names().size()) {
    fail("its configuration has {} class weights for {} labels", class_weights_.size(), labels_.names().size());
  }
  if (!std::ranges::all_of(class_weights_, [](float weight) { return weight >= 0 && std::isfinite(weight); })) {
    fail("its configuration's 'class_weights' are not numbers of at least 0");
  }
  temperature_.read(configuration);
}

LossSum LabelHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::span<const int> all = batch.fields[field_].targets;
  const KnownTargets known(run.tape, all);
  if (known.targets.empty()) return {};
  CrossEntropy how;
  how.gradient_scale = gradient_scale(batch, known.targets.size());
  how.class_weights = class_weights_;
  how.focal = spec_.focal;
  const Var x = known.rows_of(run.tape, pool_(run, encoded.stack.output, *encoded.steps));
  const double nats = linear_cross_entropy(run.tape, x, run[output_.weight], run[output_.bias], known.targets, how);
  return {nats, known.targets.size()};
}

void LabelHead::make_probabilities(std::span<float> scores, double inverse_temperature) const {
  for (float& logit : scores) logit = static_cast<float>(static_cast<double>(logit) * inverse_temperature);
  softmax(scores);
}

Prediction LabelHead::prediction(std::span<const float> scores, std::span<const float> probabilities) const {
  LabelPrediction prediction;
  for (const std::size_t label : by_score(scores)) {
    prediction.labels.push_back({labels_.names()[label], probabilities[label]});
  }
  return prediction;
}

LossSum LabelHead::loss_of(std::span<const float> probabilities, const Batch& batch, std::size_t record) const {
  const int label = batch.fields[field_].targets[record];
  if (label < 0) return {};
  return {nats_of(static_cast<double>(probabilities[static_cast<std::size_t>(label)])), 1};
}

void LabelHead::fit(const ScoreRows& rows, const Column& answers) {
  FieldBatch wanted;
  labels_.pack(answers, rows.records, wanted);
  temperature_.fit([&](double inverse) {
    double slope = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (wanted.targets[row] < 0) continue;
      const std::span<const float> logits = rows[row];
      slope += mean_score(logits, inverse) - static_cast<double>(logits[static_cast<std::size_t>(wanted.targets[row])]);
    }
    return slope;
  });
}

}  // namespace recur
