// One sequence of tokens that a network reads step by step: what include/recur/stream.h promises of a Stream, of any
// network of tokens.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/scratch.h"
#include "infer/token_stepper.h"
#include "kernels/thread_choice.h"
#include "recur/stream.h"

namespace recur {

// A value: copies go on from the same state.
class TokenStream {
 public:
  // `beside` is what every input has besides the token's embedding, as many numbers as the network has.
  explicit TokenStream(std::shared_ptr<const TokenStepper> stepper, const StreamOptions& options = {},
                       std::span<const float> beside = {});

  // See Stream::step.
  void step(int token, std::span<float> logits);
  void reset() { stepper_->stack().start(state_); }

  const TokenStepper& stepper() const { return *stepper_; }
  StackState& state() { return state_; }
  const float* beside() const { return beside_.data(); }

 private:
  void step_on_stack(int token, std::span<float> logits);
  void run(int token, std::span<float> logits, std::byte* scratch);

  std::shared_ptr<const TokenStepper> stepper_;
  StackState state_;
  std::vector<float> beside_;
  ScratchBlock scratch_;  // empty where the stack has room
  std::size_t threads_;
  ThreadChoice choice_;
};

// See step_together() of recur/stream.h.
void step_together(std::span<TokenStream* const> streams, std::span<const int> tokens, std::span<float> logits,
                   std::size_t threads);

}  // namespace recur
