#include "nn/heads/fitted_head.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

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

// The mean of what several heads say, [batch, outputs].
ScoreRows mean_probabilities(std::span<const Voice> voices, const Batch& batch) {
  ScoreRows mean;
  for (const Voice& voice : voices) {
    const auto& head = dynamic_cast<const FittedHead&>(voice.head);
    ScoreRows own;
    own.add(batch, head.scores(voice.run, voice.encoded));
    for (std::size_t i = 0; i < own.size(); ++i)
      head.make_probabilities(std::span(own.values).subspan(i * own.width, own.width));
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

Prediction FittedHead::predict_from(std::span<const float> scores) const {
  std::vector<float> probabilities(scores.begin(), scores.end());
  make_probabilities(probabilities);
  return prediction(scores, probabilities);
}

void FittedHead::predict_together(std::span<const Voice> voices, const Batch& batch, const PredictOptions& /*options*/,
                                  std::span<Prediction> predictions) const {
  if (voices.size() > 1) {
    const ScoreRows mean = mean_probabilities(voices, batch);
    for (std::size_t i = 0; i < predictions.size(); ++i) predictions[i] = prediction(mean[i], mean[i]);
    return;
  }
  ScoreRows rows;
  rows.add(batch, scores(voices.front().run, voices.front().encoded));
  for (std::size_t i = 0; i < predictions.size(); ++i) predictions[i] = predict_from(rows[i]);
}

LossSum FittedHead::loss_together(std::span<const Voice> voices, const Batch& batch) const {
  const ScoreRows mean = mean_probabilities(voices, batch);
  LossSum sum;
  for (std::size_t i = 0; i < mean.size(); ++i) sum += loss_of(mean[i], batch, i);
  return sum;
}

}  // namespace recur
