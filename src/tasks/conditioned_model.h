// One to many: a language model of texts that begin and end, each under a label. The label's embedding makes the states
// that the layers start from, and may be fed to them beside every input.
//
// Parameters: label.weight [labels, condition size]; embedding.weight [vocabulary, embedding], unless one-hot; the
// layers' as rnn.*; start.LAYER.STATE.weight and .bias, of which tanh(W e + b) is that state before the first step;
// output.weight and output.bias.
#pragma once

#include <memory>
#include <optional>

#include "data/ragged.h"
#include "data/text_codec.h"
#include "nn/first_states.h"
#include "nn/output_layer.h"
#include "recur/tasks.h"
#include "recur/training.h"
#include "tasks/step_batch.h"
#include "tasks/task_network.h"

namespace recur {

struct ConditionedRecords : Records {
  std::vector<int> labels;
  Ragged<int> input, target;  // begin and the text; the text and its end, which a text that was cut has not
  std::uint64_t unknown = 0;  // tokens that the vocabulary lacks
};

class ConditionedModel : public TaskNetworkOf<ConditionedRecords> {
 public:
  static constexpr const char* kTask = "conditioned lm";

  // Lines of label<TAB>text: finds labels and vocabulary.
  static std::unique_ptr<ConditionedModel> build(const ConditionedOptions& options, const InputFile& data,
                                                 const ReadOptions& reading);
  // The parameters' initial values.
  void start(const TrainingOptions& training);
  static std::unique_ptr<ConditionedModel> load(const nlohmann::json& configuration);

  std::string_view task() const override { return kTask; }
  nlohmann::json configuration() const override;
  std::vector<std::pair<std::string, std::string>> description() const override;
  std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const override { return {{"", &*layers_}}; }
  const char* format() const override { return "lines of label<TAB>text"; }
  std::unique_ptr<Records> read(const InputFile& file, const ReadOptions& options) const override;

  // What it takes to run it step by step.
  const TextCodec& codec() const { return codec_; }
  const std::vector<std::string>& labels() const { return labels_; }
  const RecurrentStack& layers() const { return *layers_; }
  std::optional<Parameters::Id> embedding() const { return embedding_; }
  const OutputLayer& output() const { return *output_; }
  // Makes a state of a batch of one what it is before a text of that label.
  void begin_text(int label, StackState& state) const;
  // What every input has beside it in a text of that label; empty for nothing.
  std::span<const float> fed(int label) const;

 protected:
  LossSum batch_loss(Tape& tape, const ConditionedRecords& records, std::span<const std::size_t> batch,
                     const NoiseSource& noise) const override;
  RecordsScore score(const ConditionedRecords& records, const DecodeOptions& decode) const override;
  std::size_t write_predictions(const ConditionedRecords& records, const PredictOptions& options,
                                const WriteText& write) const override;

 private:
  ConditionedModel(const ConditionedOptions& options, TextCodec codec, std::vector<std::string> labels);

  // Some records as the layers read them.
  struct Batch {
    Batch(const ConditionedRecords& records, std::span<const std::size_t> batch);

    StepBatch<int> input, target;
    std::vector<int> labels;
    std::vector<std::size_t> rows;  // of each step of each text: which of the batch it is
  };
  // What the output layer reads, [total, width]. The batch must outlive the tape's contents.
  Var hidden(Tape& tape, Batch& batch, const NoiseSource& noise) const;
  // Takes -log p of each target from what the output layer reads; sums[i] are of row i of the batch.
  void add_losses(const Matrix& x, Batch& batch, std::span<double> sums) const;

  ConditionedOptions options_;
  TextCodec codec_;
  std::vector<std::string> labels_;
  Parameters::Id label_embedding_ = 0;
  std::optional<Parameters::Id> embedding_;
  std::optional<RecurrentStack> layers_;
  std::optional<FirstStates> starts_;
  std::optional<OutputLayer> output_;
};

}  // namespace recur
