// What comes next in a sequence of steps that is itself what is read.
#pragma once

#include "data/notes_field.h"
#include "data/strokes_field.h"
#include "nn/head.h"
#include "nn/heads/output_ids.h"

namespace recur {

// So many outputs of each step say what the field has there.
class NextStepHead : public Head {
 public:
  std::optional<PredictOptions> validation() const override { return {}; }
  std::optional<StepOutput> step_output() const override { return output_.of_step(); }
  bool one_a_step() const override { return true; }

 protected:
  // Throws Error where the layers run in both directions.
  NextStepHead(const StepsField& field, std::size_t outputs, const HeadPlace& place);
  Var outputs(const Run& run, const Encoding& encoded) const { return output_(run, encoded.stack.output); }
  // Those of a batch that is predicted, [total, outputs]. Throws Error where they are not finite.
  Matrix finite_outputs(const Run& run, const Encoding& encoded) const;
  // What the field has at so many steps, [rows, its width]. Throws Error where it has others.
  std::span<const float> wanted(const Batch& batch, std::size_t rows) const;

 private:
  const StepsField& steps_;
  std::size_t field_;
  OutputIds output_;
};

// The next chord: each key's logit that it sounds. The loss of a step is the sum over all keys.
class NextNotesHead : public NextStepHead {
 public:
  NextNotesHead(const NextNotesSpec& spec, const HeadPlace& place);

  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  // Of each step the notes that are more likely than not.
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  std::vector<std::pair<std::string, std::string>> describe() const override { return {}; }
};

// Where a pen goes next, and what it does there: the outputs of a step are those of autograd/stroke_loss.h, and its
// loss is -log density.
class NextStrokeHead : public NextStepHead {
 public:
  NextStrokeHead(const NextStrokeSpec& spec, const HeadPlace& place);

  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  NextStrokeSpec spec_;
};

}  // namespace recur
