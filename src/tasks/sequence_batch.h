// From a user's batch of sequences to Steps and back.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "recur/sequence_model.h"
#include "recur/steps.h"

namespace recur {

// Throws Error unless the batch's inputs, and its targets when they are needed, are what the model's options say.
void check_inputs(const SequenceBatch& batch, const SequenceModelOptions& options);
void check_targets(const SequenceBatch& batch, const SequenceModelOptions& options);

// One a step or one a sequence.
std::size_t count_predictions(const SequenceBatch& batch, const SequenceModelOptions& options);
// The sequences of a batch, longest first, those of equal length in the batch's order.
std::vector<std::size_t> longest_first(const SequenceBatch& batch);
// Where each sequence begins among the batch's steps.
std::vector<std::size_t> first_steps(const SequenceBatch& batch);

// Some sequences of a batch as the layers read them. Filling it again reuses its memory.
class SequenceRows {
 public:
  // `sequences` are indices into the batch, longest first; `begins` is first_steps(batch).
  void fill(const SequenceBatch& batch, const SequenceModelOptions& options, std::span<const std::size_t> sequences,
            std::span<const std::size_t> begins);

  const Steps& steps() const { return steps_; }
  std::span<float> numbers() { return numbers_; }
  std::span<const int> tokens() const { return tokens_; }
  // Of each row that is read out, the index of its prediction in the batch.
  std::span<const std::size_t> predictions() const { return predictions_; }

 private:
  Steps steps_;
  std::vector<float> numbers_;
  std::vector<int> tokens_;
  std::vector<std::size_t> predictions_;
};

}  // namespace recur
