// What it takes to run a network step by step, tokens or numbers in, logits or numbers out: its weights, packed once,
// see StackStepper. Nothing in it changes: any number of threads may step with one NetworkStepper, each with states and
// scratch of its own.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "nn/head.h"
#include "nn/stack_stepper.h"
#include "tasks/network.h"

namespace recur {

// The parts of a network: numbers, or tokens through an embedding or one-hot, go into layers, and from these through a
// linear layer.
struct StepNetwork {
  const Parameters& parameters;
  const NumbersField* numbers;              // what is read, not yet scaled; null: tokens, or numbers as they are
  std::optional<Parameters::Id> embedding;  // of tokens; nothing: one-hot, or numbers
  bool one_hot;                             // tokens without an embedding
  const RecurrentStack& layers;
  StepOutput output;
  std::size_t beside = 0;  // numbers that every input has besides the token's embedding or what is read
  std::span<const KnobField* const> knobs = {};  // which these numbers are, or none
};

// Throws Error for a network that says nothing before a sequence has ended, or reads several things side by side.
StepNetwork step_network(const Network& network);
// The same with another linear layer behind the layers than the head's.
StepNetwork step_network(const Network& network, const StepOutput& output);

class NetworkStepper {
 public:
  // The network must outlive it, and its parameters must not change.
  explicit NetworkStepper(const StepNetwork& network);
  NetworkStepper(const NetworkStepper&) = delete;
  NetworkStepper& operator=(const NetworkStepper&) = delete;

  // Ids of tokens are below it; 0: it reads numbers, `inputs` a step.
  std::size_t vocabulary() const { return vocabulary_; }
  std::size_t inputs() const { return reads_numbers() ? width_ : 0; }
  std::size_t outputs() const { return output_.columns; }
  const StackStepper& stack() const { return stack_; }
  // Throws Error for an id outside the vocabulary; for numbers that are not those of so many steps, or not finite.
  void check(int token) const;
  void check(std::span<const float> numbers, std::size_t steps) const;
  // Of what stands beside the inputs [beside]: throws Error for a knob that is not set, which is NaN.
  void check_knobs(std::span<const float> beside) const;
  std::span<const KnobField* const> knobs() const { return network_.knobs; }

  // Some sequences: their states, the numbers [sequences, inputs()] or the tokens that they read, and what stands
  // beside these, [beside] each.
  struct Step {
    std::span<StackState* const> states = {};
    const float* numbers = nullptr;
    const int* tokens = nullptr;
    const float* const* beside = nullptr;  // null where the network has nothing beside them
    std::byte* scratch = nullptr;          // scratch_bytes(), from StackStepper::kAlignment on
  };
  std::size_t scratch_bytes(std::size_t sequences) const;
  // One step of all of them: what the output layer reads, [sequences, width], which lies in the scratch. Of one
  // sequence, several members of a team may each run their part.
  const float* hidden(const Step& step, const TeamMember& member = {}) const;

  // Multiplying with the output layer, cut into parts for threads: at most so many where that pays.
  std::size_t output_parts() const;
  // Part `member` of the outputs [sequences, outputs()] of what hidden() said of a step: logits, or numbers as they are
  // in the data.
  void write_outputs(const Step& step, const float* hidden, float* outputs, const TeamMember& member = {}) const;
  // What a step of one sequence multiplies.
  std::size_t weights() const { return stack_.weights() + output_.depth * output_.columns; }

 private:
  std::size_t input_bytes() const;
  std::size_t row_width() const { return width_ + network_.beside; }
  bool reads_numbers() const { return !network_.embedding && !network_.one_hot; }
  bool copies_input() const { return reads_numbers() || network_.beside > 0; }
  const float* read(const Step& step) const;
  const float* scale(const Step& step) const;

  StepNetwork network_;
  StackStepper stack_;
  Arena packed_;
  PackedMatrix output_;
  std::size_t vocabulary_ = 0, width_ = 0;  // width: of a token's embedding, or of numbers
};

// A network's stepper, made by the first who asks and then shared. Safe from any thread.
class PackedOnce {
 public:
  // The network, the same each time, must outlive this.
  const NetworkStepper& stepper(const Network& network) const {
    // Not std::call_once: ThreadSanitizer does not see one end that throws, and passes over all that its thread writes
    // from then on.
    const std::scoped_lock lock(mutex_);
    if (!stepper_) stepper_.emplace(step_network(network));
    return *stepper_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::optional<NetworkStepper> stepper_;
};

}  // namespace recur
