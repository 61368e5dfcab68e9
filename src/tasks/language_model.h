// The language model: (embedding or one-hot) -> recurrent layers -> softmax over the vocabulary, trained to predict the
// next token with truncated backpropagation through time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "data/batches.h"
#include "data/tokenizer.h"
#include "nn/embedded_stack.h"
#include "nn/output_layer.h"
#include "recur/language_model.h"
#include "tasks/task.h"

namespace recur {

class LanguageNetwork {
 public:
  // Declares the parameters; parameters().allocate() gives them memory. Throws Error naming the flag of an option that
  // makes no sense.
  LanguageNetwork(const LanguageModelOptions& options, Tokenizer tokenizer);
  LanguageNetwork(const LanguageNetwork&) = delete;
  LanguageNetwork& operator=(const LanguageNetwork&) = delete;

  const LanguageModelOptions& options() const { return options_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  std::size_t vocabulary_size() const { return static_cast<std::size_t>(tokenizer_.vocabulary().size()); }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  const RecurrentStack& stack() const { return stack_->layers(); }

  // The table of the embedding, if there is one, and the output layer's weight [vocabulary, width] and bias.
  std::optional<Parameters::Id> embedding() const { return stack_->embedding(); }
  Parameters::Id output_weight() const { return output_->weight(); }
  Parameters::Id output_bias() const { return output_->bias(); }
  const OutputLayer& output() const { return *output_; }
  // Everything below the output layer.
  const EmbeddedStack& embedded() const { return *stack_; }

  // The summed loss of predicting targets [total] from inputs [total]; on a recording tape its gradient times
  // `gradient_scale` is ready to flow back. Leaves the last states in `state`.
  double loss(Tape& tape, std::span<const int> inputs, std::span<const int> targets, const Steps& steps,
              StackState& state, const NoiseSource& noise, float gradient_scale) const;

 private:
  LanguageModelOptions options_;
  Tokenizer tokenizer_;
  Parameters parameters_;
  std::optional<EmbeddedStack> stack_;
  std::optional<OutputLayer> output_;
};

// Part of a corpus: tokens [first, last).
struct CorpusRange {
  const Corpus* corpus = nullptr;
  std::uint64_t first = 0, last = 0;

  std::uint64_t size() const { return last - first; }
};

// Trains a language model: batches of `batch` streams in windows of `unroll` steps, state carried from window to
// window. The gradient is that of the loss summed over the window's steps and averaged over the streams, as in char-rnn
// and Zaremba et al. 2014, so that their learning rates and clipping limits carry over.
class LanguageModelTask : public Task {
 public:
  LanguageModelTask(LanguageNetwork& model, const CorpusRange& training, const CorpusRange& validation,
                    std::size_t batch, std::size_t unroll, std::uint64_t seed);

  Parameters& parameters() override { return model_.parameters(); }
  std::uint64_t batches_per_epoch() const override { return training_.windows(); }
  void begin_epoch(std::uint64_t epoch) override;
  LossSum train_batch(std::uint64_t step) override;
  Validation validate(const Enough& enough) override;
  void seek(std::uint64_t /*epoch*/, std::uint64_t batch) override { training_.seek(batch); }
  std::span<float> carried_state() override { return state_.all(); }
  void check_carried_state() override { model_.stack().check_state(state_); }

 private:
  // The steps of a window: all are alike but the last of an epoch.
  const Steps& steps_of(std::size_t batch, std::size_t length);

  LanguageNetwork& model_;
  std::size_t batch_;
  Random dropout_random_;
  StreamBatches training_, validation_;
  std::size_t validation_batch_;
  StackState state_;
  Tape tape_;
  std::vector<int> inputs_, targets_;
  Steps whole_, part_;
};

// The loss over all tokens of a corpus but the first, state carried from the first to the last.
LossSum evaluate(const LanguageNetwork& model, const Corpus& corpus);

}  // namespace recur
