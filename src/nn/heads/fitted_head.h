// Heads that tell labels of a sequence: what the layers say of it becomes one vector, and that a row of scores, from
// which predictions follow in a way that is fitted to validation data: with a temperature T, with thresholds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "data/label_field.h"
#include "nn/heads/output_ids.h"
#include "nn/heads/pool.h"
#include "nn/heads/temperature.h"
#include "nn/joint_head.h"

namespace recur {

// Scores of some records, a row each.
struct ScoreRows {
  std::size_t width = 0;
  std::vector<std::size_t> records;
  std::vector<float> values;  // [records, width]

  std::size_t size() const { return records.size(); }
  std::span<const float> operator[](std::size_t row) const { return std::span(values).subspan(row * width, width); }
  // Those of a batch, [batch, width].
  void add(const Batch& batch, const Matrix& scores);
};

// Outputs, the highest score first, of equal ones the first: not by probability, in which many are alike that are not.
std::vector<std::size_t> by_score(std::span<const float> scores);

// Several together have the mean of their probabilities; their loss is, as that of one, before temperatures.
class FittedHead : public JointHead {
 public:
  // [batch, labels]; throws Error where they are not finite.
  Matrix scores(const Run& run, const Encoding& encoded) const;
  // Of a record's scores divided by a temperature, in place.
  virtual void make_probabilities(std::span<float> scores, double inverse_temperature) const = 0;
  double inverse_temperature() const { return temperature_.inverse(); }
  // The highest score first.
  virtual Prediction prediction(std::span<const float> scores, std::span<const float> probabilities) const = 0;
  // The same of the mean of what several say, of which this is the first.
  virtual Prediction joint_prediction(std::span<const Voice> /*voices*/, std::span<const float> mean) const {
    return prediction(mean, mean);
  }
  // Of a record of the batch whose outputs have these probabilities.
  virtual LossSum loss_of(std::span<const float> probabilities, const Batch& batch, std::size_t record) const = 0;
  // So that predictions fit what these validation records have in the field of what is to be predicted.
  virtual void fit(const ScoreRows& rows, const Column& answers) = 0;
  std::size_t answer_field() const { return field_; }

  Prediction predict_from(std::span<const float> scores) const;
  void predict_together(std::span<const Voice> voices, const Batch& batch, const PredictOptions& options,
                        std::span<Prediction> predictions) const override;
  LossSum loss_together(std::span<const Voice> voices, const Batch& batch) const override;
  // The logits / T, were the sequence to end there.
  std::optional<StepOutput> step_output() const override;
  std::vector<std::pair<std::string, std::string>> describe() const override;

 protected:
  FittedHead(const NamesField& labels, Pooling pooling, const HeadPlace& place);
  Var logits(const Run& run, const Encoding& encoded) const;
  // -log p; a probability may be too small for a float.
  static double nats_of(double p);

  std::size_t field_;
  const NamesField& labels_;
  Pool pool_;
  OutputIds output_;
  Temperature temperature_;
};

}  // namespace recur
