#include "nn/heads/labels_head.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "autograd/glimpse.h"
#include "base/error.h"
#include "base/json_fields.h"
#include "kernels/latent.h"
#include "nn/heads/thresholds.h"

namespace recur {
namespace {

// How far a probability may be from 1 that was rounded to it.
constexpr double kLeastRest = 0x1p-25;

}  // namespace

LabelsHead::LabelsHead(const LabelsHeadSpec& spec, const HeadPlace& place)
    : FittedHead(field_as<LabelsField>(place.fields, spec.field, "labels"), spec.pooling, place),
      focal_(spec.focal),
      thresholds_(labels_.names().size(), kEven) {}

void LabelsHead::write(nlohmann::json& configuration) const {
  temperature_.write(configuration);
  configuration["thresholds"] = thresholds_;
}

void LabelsHead::read(const nlohmann::json& configuration) {
  temperature_.read(configuration);
  ReadFields{configuration}("thresholds", thresholds_);
  if (thresholds_.size() != labels_.names().size()) {
    fail("its configuration has {} thresholds for {} labels", thresholds_.size(), labels_.names().size());
  }
  if (!std::ranges::all_of(thresholds_, [](float threshold) { return threshold >= 0 && threshold <= 1; })) {
    fail("its configuration's 'thresholds' are not numbers from 0 to 1");
  }
}

LossSum LabelsHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::vector<float>& has = batch.fields[field_].numbers;
  const Var targets = run.tape.add(batch.size(), output_.count);
  std::ranges::copy(has, run.tape.value(targets).data);
  const std::span<double> nats = run.tape.arena().take<double>(batch.size());
  std::ranges::fill(nats, 0);
  bernoulli_loss(run.tape, logits(run, encoded), targets, gradient_scale(batch, batch.size()), nats, focal_);
  return {std::accumulate(nats.begin(), nats.end(), 0.0), batch.size()};
}

void LabelsHead::make_probabilities(std::span<float> scores, double inverse_temperature) const {
  for (float& logit : scores) logit = static_cast<float>(logit * inverse_temperature);
  sigmoids(scores.size(), scores.data(), scores.data());
}

Prediction LabelsHead::prediction(std::span<const float> scores, std::span<const float> probable) const {
  return choose(scores, probable, thresholds_);
}

Prediction LabelsHead::joint_prediction(std::span<const Voice> voices, std::span<const float> mean) const {
  std::vector<float> thresholds;
  for (std::size_t label = 0; label < thresholds_.size(); ++label) {
    double sum = 0;  // of floats, so exact: in any order the same
    for (const Voice& voice : voices) {
      sum += static_cast<double>(dynamic_cast<const LabelsHead&>(voice.head).thresholds_[label]);
    }
    thresholds.push_back(static_cast<float>(sum / static_cast<double>(voices.size())));
  }
  return choose(mean, mean, thresholds);
}

Prediction LabelsHead::choose(std::span<const float> scores, std::span<const float> probable,
                              std::span<const float> thresholds) const {
  LabelsPrediction prediction;
  for (const std::size_t label : by_score(scores)) {
    prediction.labels.push_back({labels_.names()[label], probable[label]});
    if (probable[label] >= thresholds[label]) prediction.chosen.push_back(labels_.names()[label]);
  }
  return prediction;
}

LossSum LabelsHead::loss_of(std::span<const float> probabilities, const Batch& batch, std::size_t record) const {
  const std::span<const float> has =
      std::span(batch.fields[field_].numbers).subspan(record * output_.count, output_.count);
  LossSum loss{0, 1};
  for (std::size_t label = 0; label < has.size(); ++label) {
    const auto p = static_cast<double>(probabilities[label]);
    loss.nats += nats_of(has[label] > 0 ? p : std::max(1 - p, kLeastRest));
  }
  return loss;
}

void LabelsHead::fit(const ScoreRows& rows, const Column& answers) {
  FieldBatch wanted;
  labels_.pack(answers, rows.records, wanted);
  const std::vector<float>& has = wanted.numbers;
  temperature_.fit([&](double inverse) {
    double slope = 0;
    for (std::size_t i = 0; i < has.size(); ++i) {
      const auto logit = static_cast<double>(rows.values[i]);
      slope += logit * (1 / (1 + std::exp(-inverse * logit)) - static_cast<double>(has[i]));
    }
    return slope;
  });
  std::vector<float> probable = rows.values;
  make_probabilities(probable, temperature_.inverse());
  thresholds_ = best_thresholds(probable, has, rows.width);
}

std::vector<std::pair<std::string, std::string>> LabelsHead::describe() const {
  auto lines = FittedHead::describe();
  lines.emplace_back("output", "any number of the labels");
  return lines;
}

}  // namespace recur
