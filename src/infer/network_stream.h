// One sequence that a network reads step by step: what include/recur/stream.h promises of a Stream.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/scratch.h"
#include "infer/network_stepper.h"
#include "kernels/thread_choice.h"
#include "recur/types/stream_options.h"

namespace recur {

// A value: copies go on from the same state.
class NetworkStream {
 public:
  // `beside` is what every input has besides the token's embedding, as many numbers as the network has; of one with
  // knobs it is these, not yet set.
  explicit NetworkStream(std::shared_ptr<const NetworkStepper> stepper, const StreamOptions& options = {},
                         std::span<const float> beside = {});

  // See Stream::step.
  void step(int token, std::span<float> outputs);
  void step(std::span<const float> numbers, std::span<float> outputs);
  // See Stream::set_knob.
  bool set_knob(std::string_view name, double value);
  void reset() { stepper_->stack().start(state_); }

  const NetworkStepper& stepper() const { return *stepper_; }
  StackState& state() { return state_; }
  const float* beside() const { return beside_.data(); }
  // Throws Error where a knob is not set.
  void check_knobs() const { stepper_->check_knobs(beside_); }

 private:
  void step(const NetworkStepper::Step& input, std::span<float> outputs);
  void step_on_stack(NetworkStepper::Step step, std::span<float> outputs);
  void run(const NetworkStepper::Step& step, std::span<float> outputs);

  std::shared_ptr<const NetworkStepper> stepper_;
  StackState state_;
  std::vector<float> beside_;
  ScratchBlock scratch_;  // empty where the stack has room
  std::size_t threads_;
  ThreadChoice choice_;
};

// See step_together() of recur/stream.h.
void step_together(std::span<NetworkStream* const> streams, std::span<const int> tokens, std::span<float> outputs,
                   std::size_t threads);
void step_together(std::span<NetworkStream* const> streams, std::span<const float> numbers, std::span<float> outputs,
                   std::size_t threads);

}  // namespace recur
