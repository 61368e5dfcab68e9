// Where a pen goes next, and what it does there.
#pragma once

#include "data/strokes_field.h"
#include "nn/head.h"
#include "nn/heads/output_ids.h"

namespace recur {

// The outputs of a step are those of autograd/stroke_loss.h: its loss is -log density.
class NextStrokeHead : public Head {
 public:
  NextStrokeHead(const NextStrokeSpec& spec, const HeadPlace& place);

  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  std::optional<PredictOptions> validation() const override { return {}; }
  std::optional<StepOutput> step_output() const override { return output_.of_step(); }
  bool one_a_step() const override { return true; }
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  NextStrokeSpec spec_;
  std::size_t field_;
  OutputIds output_;
};

}  // namespace recur
