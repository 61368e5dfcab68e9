// The kinds of heads.
#pragma once

#include "data/label_field.h"
#include "data/numbers_field.h"
#include "data/tags_field.h"
#include "data/text_field.h"
#include "data/words_field.h"
#include "nn/decoder.h"
#include "nn/heads/copy_finder.h"
#include "nn/heads/fitted_head.h"
#include "nn/heads/known_targets.h"
#include "nn/heads/output_bound.h"
#include "nn/heads/output_ids.h"
#include "nn/heads/tag_order.h"
#include "nn/hypothesis.h"
#include "nn/joint_decoder.h"
#include "nn/joint_head.h"
#include "nn/output_layer.h"

namespace recur {

// Row `record` of outputs y [steps.total(), width] at every step, as the numbers are in the data.
Numbers unscaled_rows(const Matrix& y, const Steps& steps, std::size_t record, const NumbersField& numbers);

// One label a sequence, with the probability softmax(logits / T). The loss is that of T = 1. Records whose label the
// model does not know have none.
class LabelHead : public FittedHead {
 public:
  LabelHead(const LabelHeadSpec& spec, const HeadPlace& place);

  void write(nlohmann::json& configuration) const override;
  void read(const nlohmann::json& configuration) override;
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void make_probabilities(std::span<float> scores, double inverse_temperature) const override;
  Prediction prediction(std::span<const float> scores, std::span<const float> probabilities) const override;
  LossSum loss_of(std::span<const float> probabilities, const Batch& batch, std::size_t record) const override;
  void fit(const ScoreRows& rows, const Column& answers) override;

 private:
  LabelHeadSpec spec_;
  std::vector<float> class_weights_;  // [labels], or empty
};

// A tag for each step: chosen together by a conditional random field, or each for itself.
class TagHead : public Head {
 public:
  TagHead(const TagHeadSpec& spec, const HeadPlace& place);

  // Why the order of its tags is left out.
  std::string unlearnable(const Records& records, std::size_t record) const override;
  // Of what is known of the tags: those that the model does not know may be any. Constrained, a CRF knows only
  // sequences in a right order, and a record in another counts as one of which nothing is known.
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  void check(const PredictOptions& options) const override;
  // Where a tag does not depend on others.
  std::optional<StepOutput> step_output() const override;
  bool one_a_step() const override { return true; }
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  // What scores tags next to each other: [tags, tags], [1, tags], [1, tags].
  struct Chain {
    Parameter transitions, starts, ends;
  };
  Chain chain(const Run& run) const;
  // With no tag known of records whose order is not right.
  std::span<const int> without_broken(Tape& tape, const Steps& steps, std::span<const int> targets) const;
  std::vector<int> best_tags(const Chain& chain, const ConstMatrix& scores, const Steps& steps) const;
  std::vector<std::string> names_of(std::span<const int> tags) const;
  double separate_loss(const Run& run, Var x, const KnownTargets& known, float scale) const;
  // all_known: of the targets.
  double joint_loss(const Run& run, Var x, const Steps& steps, std::span<const int> targets, bool all_known,
                    float scale) const;
  std::vector<std::string> words_of(const Batch& batch, std::size_t row) const;
  // [total, tags], to be added to scores: of each step whose tag is known no other can be chosen.
  Var forbid_other_tags(Tape& tape, std::span<const int> targets) const;

  TagHeadSpec spec_;
  std::size_t field_;
  const TagsField& tags_;
  const WordsField* words_ = nullptr;  // null where steps are no words
  std::size_t words_field_ = 0;
  OutputIds output_;
  Parameters::Id transitions_ = 0, starts_ = 0, ends_ = 0;  // of the conditional random field
  std::optional<TagOrder> order_;                           // which is all that is chosen
  // What forbids all other orders is added to transitions, starts and ends, [tags * tags + 2 * tags].
  std::vector<float> forbidden_;
};

// Numbers: a vector a step or a sequence.
class ValuesHead : public Head {
 public:
  ValuesHead(const ValuesSpec& spec, const HeadPlace& place);

  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  // Of one vector a sequence: what it would be, were the sequence to end there.
  std::optional<StepOutput> step_output() const override;
  std::optional<PredictOptions> validation() const override { return {}; }
  bool one_a_step() const override { return !pool_; }
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  Var outputs(const Run& run, const Encoding& encoded) const;

  std::size_t field_;
  const NumbersField& numbers_;
  std::optional<Pool> pool_;  // nothing: a vector a step
  OutputIds output_;
};

// A signal made of another.
class SignalHead : public Head {
 public:
  SignalHead(const SignalSpec& spec, const HeadPlace& place);

  void learn(const Records& training) override;
  void write(nlohmann::json& configuration) const override;
  void read(const nlohmann::json& configuration) override;
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  std::optional<StepOutput> step_output() const override;
  std::optional<PredictOptions> validation() const override { return {}; }
  bool one_a_step() const override { return true; }
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  Var outputs(const Run& run, const Encoding& encoded, const Batch& batch) const;

  SignalSpec spec_;
  std::size_t field_, input_;
  const NumbersField& numbers_;
  OutputIds output_;
  double energy_ = 1;  // the mean square of what is wanted, filtered as errors are
};

// The next token of what is read.
class NextTokenHead : public Head {
 public:
  NextTokenHead(const NextTokenSpec& spec, const HeadPlace& place);

  const OutputLayer& output() const { return *output_; }
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  std::optional<PredictOptions> validation() const override { return {}; }
  std::optional<StepOutput> step_output() const override {
    return StepOutput{output_->weight(), output_->bias(), output_->vocabulary()};
  }
  bool one_a_step() const override { return true; }
  std::vector<std::pair<std::string, std::string>> describe() const override { return {}; }

 private:
  std::size_t field_;
  const Field& text_;
  std::optional<OutputLayer> output_;
};

// A text, written by a decoder.
class DecoderHead : public JointHead {
 public:
  DecoderHead(const DecoderSpec& spec, const HeadPlace& place);

  void learn(const Records& training) override { bound_ = OutputBound::of(training); }
  void write(nlohmann::json& configuration) const override;
  void read(const nlohmann::json& configuration) override;
  void begin_epoch(std::uint64_t epoch) override;
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict_together(std::span<const Voice> voices, const Batch& batch, const PredictOptions& options,
                        std::span<Prediction> predictions) const override;
  LossSum loss_together(std::span<const Voice> voices, const Batch& batch) const override;
  void check(const PredictOptions& options) const override;
  std::optional<PredictOptions> validation() const override;
  bool needs_last_states() const override { return true; }
  std::size_t most_records(const PredictOptions& options) const override;
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const override;
  std::vector<std::pair<std::string, std::string>> describe() const override;

  const Decoder& decoder() const { return *decoder_; }
  const OutputBound& bound() const { return bound_; }

 private:
  // The decoder's inputs, of which some are replaced by what it would have written itself.
  std::span<const int> sampled_inputs(const Run& run, const Encoding& encoding, const FieldBatch& target) const;

  // What there is to copy in a batch; nothing without a pointer.
  CopyFinder::Sources copy_sources(const Batch& batch) const;
  // The decoders of several networks, as one.
  JointDecoder join(std::span<const Voice> voices, const CopyFinder::Sources& found) const;

  // The beam: the token that outputs begin after is not written.
  std::size_t beam(const DecodeOptions& decode) const { return std::min(decode.beam, target_.vocabulary() - 1); }
  // The tokens of what outputs must have. Throws Error for what the model cannot write.
  WantedRuns wanted_runs(const DecodeOptions& decode) const;
  // Hypotheses that are followed at once of each source.
  std::size_t followed(const PredictOptions& options) const;
  // How outputs are found, and how long each may get that must have so many `wanted` tokens.
  BeamOptions search_options(const PredictOptions& options) const;
  std::vector<std::size_t> most_tokens(const Batch& batch, const DecodeOptions& decode, std::size_t wanted) const;
  std::vector<std::vector<Hypothesis>> find_outputs(JointDecoder& decoder, const Batch& batch,
                                                    const PredictOptions& options) const;
  // A batch's outputs as predictions.
  void tell(std::span<const std::vector<Hypothesis>> outputs, const CopyFinder::Sources& found, const Encoding& encoded,
            const Batch& batch, bool alignments, std::span<Prediction> predictions) const;
  // The target of each record, its end with it, and how probable each token of it is.
  std::vector<std::vector<int>> targets(const Batch& batch, const CopyFinder::Sources& found) const;
  void score(JointDecoder& decoder, const CopyFinder::Sources& found, const Batch& batch, bool tokens,
             std::span<Prediction> predictions) const;
  // What there is to say of the source's steps: its pieces, or their numbers.
  std::vector<std::string> source_pieces(const Batch& batch, std::size_t row, std::size_t length) const;

  DecoderSpec spec_;
  std::size_t field_, source_field_ = 0;
  const TextField& target_;
  const TextField* source_ = nullptr;  // null where it is no text
  std::optional<CopyFinder> copies_;   // with a pointer
  std::optional<Decoder> decoder_;
  OutputBound bound_;
  double sampling_share_ = 0;  // of scheduled sampling, in this epoch
  bool covers_ = true;         // coverage is known, and costs, in this epoch
};

// A text whose tokens stand somewhere along the steps. The outputs of a step are the tokens of the text's codec and,
// behind these, the blank. Records whose text takes more steps than there are have no loss.
class CtcHead : public Head {
 public:
  CtcHead(const CtcSpec& spec, const HeadPlace& place);

  std::string unlearnable(const Records& records, std::size_t record) const override;
  LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const override;
  void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
               std::span<Prediction> predictions) const override;
  void check(const PredictOptions& options) const override;
  std::optional<PredictOptions> validation() const override;
  std::optional<StepOutput> step_output() const override { return output_.of_step(); }
  std::vector<std::pair<std::string, std::string>> describe() const override;

 private:
  std::size_t field_;
  const TextField& text_;
  const RecurrentStack& layers_;
  std::size_t stacked_;
  OutputIds output_;
};

}  // namespace recur
