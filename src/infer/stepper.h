// A network that predicts tokens running token by token: weights packed once, states carried. A step allocates nothing.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "nn/stack_stream.h"
#include "tasks/language_model.h"

namespace recur {

// The parts of a network: tokens go through an embedding, or one-hot, into layers, and from these to logits.
struct TokenNetwork {
  const Parameters& parameters;
  std::optional<Parameters::Id> embedding;
  const RecurrentStack& layers;
  const OutputLayer& output;  // not adaptive
};

class Stepper {
 public:
  // The network must outlive it, and its parameters must not change. `beside` is what every input has besides the
  // token's embedding.
  explicit Stepper(const TokenNetwork& network, std::span<const float> beside = {});
  explicit Stepper(const LanguageNetwork& network);
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  // Feeds one token; the logits of the next, [vocabulary], valid until the next call. Throws Error if they are not
  // finite.
  std::span<const float> step(int token);
  StackState& state() { return state_; }
  // Back to the states before the first step.
  void reset() { network_.layers.start(network_.parameters, state_); }

 private:
  TokenNetwork network_;
  StackStream stream_;
  Arena packed_;
  PackedMatrix output_;
  StackState state_;
  std::size_t embedding_width_ = 0;
  std::vector<float> input_;  // the embedding and what is beside it; empty if that is nothing
  std::vector<float> logits_;
};

}  // namespace recur
