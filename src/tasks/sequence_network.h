// The network of a sequence model: recurrent layers, what is read out of them, and a linear layer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "autograd/tape.h"
#include "nn/recurrent_stack.h"
#include "recur/sequence_model.h"
#include "tasks/sequence_batch.h"

namespace recur {

class SequenceNetwork {
 public:
  // With initial parameters. Throws Error naming the option that makes no sense.
  explicit SequenceNetwork(const SequenceModelOptions& options);
  SequenceNetwork(const SequenceNetwork&) = delete;
  SequenceNetwork& operator=(const SequenceNetwork&) = delete;

  const SequenceModelOptions& options() const { return options_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }

  // The mean loss of a whole batch, checked before; its gradient is added to the parameters' gradients. Dropout draws
  // what belongs to step `step`.
  double train(const SequenceBatch& batch, std::uint64_t step);

  // The outputs [predictions, outputs] in the batch's order, of a batch whose inputs were checked before.
  std::vector<float> predict(const SequenceBatch& batch) const;
  // The loss and the share of right predictions of a batch that was checked before.
  SequenceResult evaluate(const SequenceBatch& batch) const;

 private:
  // The rows that the linear layer reads, [predictions of rows, width].
  Var read_out(Tape& tape, SequenceRows& rows, StackState& state, std::uint64_t step) const;
  double loss(Tape& tape, Var x, const SequenceBatch& batch, std::span<const std::size_t> predictions);
  StackState& zero_state(std::size_t batch);
  // Calls visit(prediction, outputs) for every prediction of a batch.
  template <class Visit>
  void for_outputs(const SequenceBatch& batch, const Visit& visit) const;

  SequenceModelOptions options_;
  Parameters parameters_;
  std::unique_ptr<RecurrentStack> stack_;
  Parameters::Id output_weight_ = 0, output_bias_ = 0;

  // Reused from step to step of training.
  Tape tape_;
  SequenceRows rows_;
  std::optional<StackState> state_;
  std::vector<std::size_t> known_;  // rows with a target
  std::vector<int> classes_;
  std::vector<float> values_;
};

}  // namespace recur
