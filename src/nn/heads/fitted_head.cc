#include "nn/heads/fitted_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "base/finite.h"

namespace recur {

void ScoreRows::add(const Batch& batch, const Matrix& scores) {
  width = scores.columns;
  records.insert(records.end(), batch.records.begin(), batch.records.end());
  for (std::size_t row = 0; row < scores.rows; ++row) {
    const float* const own = scores.data + row * scores.stride;
    values.insert(values.end(), own, own + width);
  }
}

std::vector<std::size_t> by_score(std::span<const float> scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t output) { return scores[output]; });
  return order;
}

namespace {

// The mean of what several heads say, [batch, outputs]: as they tell it, or before their temperatures.
ScoreRows mean_probabilities(std::span<const Voice> voices, const Batch& batch, bool calibrated) {
  ScoreRows mean;
  for (const Voice& voice : voices) {
    const auto& head = dynamic_cast<const FittedHead&>(voice.head);
    ScoreRows own;
    own.add(batch, head.scores(voice.run, voice.encoded));
    const double inverse = calibrated ? head.inverse_temperature() : 1;
    for (std::size_t i = 0; i < own.size(); ++i)
      head.make_probabilities(std::span(own.values).subspan(i * own.width, own.width), inverse);
    if (&voice == voices.data()) {
      mean = std::move(own);
    } else {
      for (std::size_t i = 0; i < own.values.size(); ++i) mean.values[i] += own.values[i];
    }
  }
  for (float& p : mean.values) p /= static_cast<float>(voices.size());
  return mean;
}

}  // namespace

FittedHead::FittedHead(const NamesField& labels, Pooling pooling, const HeadPlace& place)
    : field_(field_named(place.fields, labels.name(), "labels")),
      labels_(labels),
      pool_(pooling, place.layers, place.parameters),
      output_(labels.names().size(), place.layers.output_width(), place.parameters) {
  output_.name_rows(place.parameters, labels.name());
}

double FittedHead::nats_of(double p) { return -std::log(std::max<double>(p, std::numeric_limits<float>::min())); }

Var FittedHead::logits(const Run& run, const Encoding& encoded) const {
  return output_(run, pool_(run, encoded.stack.output, *encoded.steps));
}

Matrix FittedHead::scores(const Run& run, const Encoding& encoded) const {
  const Matrix all = run.tape.value(logits(run, encoded));
  check_results({all.data, all.rows * all.stride}, "the score of a label");
  return all;
}

std::optional<StepOutput> FittedHead::step_output() const {
  if (pool_.kind() != Pooling::last) return std::nullopt;
  StepOutput output = output_.of_step();
  output.factor = static_cast<float>(temperature_.inverse());
  return output;
}

std::vector<std::pair<std::string, std::string>> FittedHead::describe() const {
  return {{"pooling", std::string(to_string(pool_.kind()))},
          {"labels", labels_.describe()},
          {"temperature", fmt::format("{:.4g}", temperature_.value())}};
}

Prediction FittedHead::predict_from(std::span<const float> scores) const {
  std::vector<float> probabilities(scores.begin(), scores.end());
  make_probabilities(probabilities, temperature_.inverse());
  return prediction(scores, probabilities);
}

void FittedHead::predict_together(std::span<const Voice> voices, const Batch& batch, const PredictOptions& /*options*/,
                                  std::span<Prediction> predictions) const {
  if (voices.size() > 1) {
    const ScoreRows mean = mean_probabilities(voices, batch, true);
    for (std::size_t i = 0; i < predictions.size(); ++i) predictions[i] = joint_prediction(voices, mean[i]);
    return;
  }
  ScoreRows rows;
  rows.add(batch, scores(voices.front().run, voices.front().encoded));
  for (std::size_t i = 0; i < predictions.size(); ++i) predictions[i] = predict_from(rows[i]);
}

LossSum FittedHead::loss_together(std::span<const Voice> voices, const Batch& batch) const {
  const ScoreRows mean = mean_probabilities(voices, batch, false);
  LossSum sum;
  for (std::size_t i = 0; i < mean.size(); ++i) sum += loss_of(mean[i], batch, i);
  return sum;
}

}  // namespace recur
