// A language network running token by token: weights packed once, states carried. A step allocates nothing.
#pragma once

#include <span>
#include <vector>

#include "nn/stack_stream.h"
#include "tasks/language_model.h"

namespace recur {

class Stepper {
 public:
  // The network must outlive it, and its parameters must not change.
  explicit Stepper(LanguageNetwork& network);
  Stepper(const Stepper&) = delete;
  Stepper& operator=(const Stepper&) = delete;

  // Feeds one token; the logits of the next, [vocabulary], valid until the next call.
  std::span<const float> step(int token);
  StackState& state() { return state_; }
  // Back to the states before the first step.
  void reset() { network_.stack().start(network_.parameters(), state_); }

 private:
  LanguageNetwork& network_;
  StackStream stream_;
  Arena packed_;
  PackedMatrix output_;
  StackState state_;
  std::vector<float> logits_;
};

}  // namespace recur
