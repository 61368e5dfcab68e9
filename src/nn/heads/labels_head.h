// Any number of labels a sequence, each for itself.
#pragma once

#include "nn/heads/fitted_head.h"

namespace recur {

// A label's probability is sigmoid(logit / T); those from its threshold on are chosen. The loss of a record is -log p
// of all that it has and has not.
class LabelsHead : public FittedHead {
 public:
  LabelsHead(const LabelsHeadSpec& spec, const HeadPlace& place);

  void write(nlohmann::json& configuration) const override;
  void read(const nlohmann::json& configuration) override;
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void make_probabilities(std::span<float> scores, double inverse_temperature) const override;
  Prediction prediction(std::span<const float> scores, std::span<const float> probabilities) const override;
  // Chosen from the mean of the voices' thresholds on.
  Prediction joint_prediction(std::span<const Voice> voices, std::span<const float> mean) const override;
  LossSum loss_of(std::span<const float> probabilities, const Batch& batch, std::size_t record) const override;
  void fit(const ScoreRows& rows, const Column& answers) override;
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  Prediction choose(std::span<const float> scores, std::span<const float> probabilities,
                    std::span<const float> thresholds) const;

  float focal_;
  std::vector<float> thresholds_;  // [labels]
};

}  // namespace recur
