// What it takes to run a network that predicts tokens step by step: its weights, packed once, see StackStepper. Nothing
// in it changes: any number of threads may step with one TokenStepper, each with states and scratch of its own.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "nn/output_layer.h"
#include "nn/stack_stepper.h"
#include "tasks/network.h"

namespace recur {

// The parts of a network: tokens go through an embedding, or one-hot, into layers, and from these to logits.
struct TokenNetwork {
  const Parameters& parameters;
  std::optional<Parameters::Id> embedding;
  const RecurrentStack& layers;
  const OutputLayer& output;  // not adaptive
  std::size_t beside = 0;     // numbers that every input has besides the token's embedding
};

// Those of a language model. Throws Error for a network that predicts something else.
TokenNetwork token_network(const Network& network);

class TokenStepper {
 public:
  // The network must outlive it, and its parameters must not change.
  explicit TokenStepper(const TokenNetwork& network);
  TokenStepper(const TokenStepper&) = delete;
  TokenStepper& operator=(const TokenStepper&) = delete;

  std::size_t vocabulary() const { return output_.columns; }
  const StackStepper& stack() const { return stack_; }
  // Throws Error for an id outside the vocabulary.
  void check(int token) const;

  // Some sequences: their states, the tokens that they read and what stands beside these, [beside] each.
  struct Step {
    std::span<StackState* const> states;
    const int* tokens = nullptr;
    const float* const* beside = nullptr;  // null where the network has nothing beside tokens
    std::byte* scratch = nullptr;          // scratch_bytes(), from StackStepper::kAlignment on
  };
  std::size_t scratch_bytes(std::size_t sequences) const;
  // One step of all of them: what the output layer reads, [sequences, width], which lies in the scratch. Of one
  // sequence, several members of a team may each run their part.
  const float* hidden(const Step& step, const TeamMember& member = {}) const;

  // Multiplying with the output layer, cut into parts for threads: at most so many where that pays.
  std::size_t output_parts() const;
  // Part `member` of the logits [sequences, vocabulary].
  void write_logits(const float* hidden, std::size_t sequences, float* logits, const TeamMember& member = {}) const;
  // What a step of one sequence multiplies.
  std::size_t weights() const { return stack_.weights() + output_.depth * output_.columns; }

 private:
  std::size_t input_bytes() const;
  const float* embed(const Step& step) const;

  TokenNetwork network_;
  StackStepper stack_;
  Arena packed_;
  PackedMatrix output_;
  std::size_t embedding_width_ = 0;
};

// A network's stepper, made by the first who asks and then shared. Safe from any thread.
class PackedOnce {
 public:
  // The network, the same each time, must outlive this.
  const TokenStepper& stepper(const Network& network) const {
    std::call_once(once_, [&] { stepper_.emplace(token_network(network)); });
    return *stepper_;
  }

 private:
  mutable std::once_flag once_;
  mutable std::optional<TokenStepper> stepper_;
};

}  // namespace recur
