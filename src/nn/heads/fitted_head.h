// Heads whose predictions follow from one row of scores a record, in a way that they fit to validation data: with a
// temperature, with thresholds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

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

// Several together have the mean of their probabilities.
class FittedHead : public JointHead {
 public:
  // Throws Error where they are not finite.
  virtual Matrix scores(const Run& run, const Encoding& encoded) const = 0;  // [batch, outputs]
  // Of a record's scores, in place.
  virtual void make_probabilities(std::span<float> scores) const = 0;
  // The highest score first.
  virtual Prediction prediction(std::span<const float> scores, std::span<const float> probabilities) const = 0;
  // Of a record of the batch whose outputs have these probabilities.
  virtual LossSum loss_of(std::span<const float> probabilities, const Batch& batch, std::size_t record) const = 0;
  // So that predictions fit what these validation records have in the field of what is to be predicted.
  virtual void fit(const ScoreRows& rows, const Column& answers) = 0;
  virtual std::size_t answer_field() const = 0;

  Prediction predict_from(std::span<const float> scores) const;
  void predict_together(std::span<const Voice> voices, const Batch& batch, const PredictOptions& options,
                        std::span<Prediction> predictions) const override;
  LossSum loss_together(std::span<const Voice> voices, const Batch& batch) const override;
  void check_joins(const Head& /*other*/) const override {}
};

}  // namespace recur
