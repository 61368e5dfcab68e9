// Models of sequences of numbers or tokens: one output a step or one a sequence, classes or numbers. Where a language
// model reads one endless text, this one reads a batch of sequences of any lengths, each from its beginning.
//
//   recur::SequenceModelOptions options;
//   options.network = {.cell = "gru", .layers = 1, .hidden = 128};
//   options.input = 2;                                    // two numbers a step
//   options.readout = recur::Readout::last_step;          // one output a sequence
//   options.target = recur::Target::values;
//   recur::SequenceModel model(options);
//   for (...) model.train(batch, 1e-3F);                  // a step each
//   const std::vector<float> outputs = model.predict(batch);
//
// The recurrent layers' outputs, after the last layer, go through one linear layer of `outputs` numbers: the values, or
// the logits of the classes. The loss is the mean over predictions of the cross-entropy in nats, or over numbers of the
// squared error. With last_step in two directions, the linear layer reads what each direction says after its own last
// step.
//
// Everything throws recur::Error on a user's mistake. The same seed and the same calls give the same bits with any
// number of threads; predictions of a sequence do not depend on the others of its batch, nor on their order.
//
// Any number of threads may predict and evaluate with one model at once, none while one trains it. What is returned are
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "recur/network.h"
#include "recur/training.h"

namespace recur {

enum class Readout { every_step, last_step };
enum class Target { classes, values };

struct SequenceModelOptions {
  RecurrentOptions network;
  std::size_t input = 1;    // numbers a step, or the size of the alphabet of tokens
  bool tokens = false;      // the input is one token a step, one-hot
  std::size_t outputs = 1;  // classes, or numbers a prediction
  Readout readout = Readout::every_step;
  Target target = Target::classes;
  OptimizerOptions optimizer;
  Clipping clipping;
  std::uint64_t seed = 1;  // of the initial parameters and of dropout
};

// Sequence after sequence, step after step, in any order of lengths. Targets are one a step or one a sequence, as the
// model reads out; predict() looks at none.
struct SequenceBatch {
  static constexpr int kNoClass = -1;

  std::vector<std::size_t> lengths;  // of each sequence, in steps; at least 1
  std::vector<float> numbers;        // [steps, input], or:
  std::vector<int> tokens;           // [steps], each below input
  std::vector<int> classes;          // each below outputs; kNoClass: no prediction is asked for
  std::vector<float> values;         // [predictions, outputs]
};

struct SequenceResult {
  double loss = 0;              // the mean, as in training
  double correct = 0;           // classes: the share of predictions whose largest logit is that of the target
  std::size_t predictions = 0;  // with a target
};

class SequenceModel {
 public:
  explicit SequenceModel(const SequenceModelOptions& options);
  ~SequenceModel();
  SequenceModel(SequenceModel&&) noexcept;
  SequenceModel& operator=(SequenceModel&&) noexcept;

  // One step of the optimiser; returns the loss before it. When the loss or its gradient is not finite, throws Error
  // and leaves the parameters as they were.
  double train(const SequenceBatch& batch, float learning_rate);
  // Of any number of sequences: they run in parts of bounded memory.
  SequenceResult evaluate(const SequenceBatch& batch) const;
  // The outputs, [predictions, outputs], in the batch's order.
  std::vector<float> predict(const SequenceBatch& batch) const;

  const SequenceModelOptions& options() const&;
  SequenceModelOptions options() &&;
  std::size_t parameters() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace recur
