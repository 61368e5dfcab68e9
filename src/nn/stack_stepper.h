// What it takes to run a stack of layers step by step, see StreamLayer: its weights, packed once. Whoever steps brings
// the state, a StackState of a batch of one that start() has begun, and the scratch of a step.
//
// Nothing in it changes: any number of threads may step with one StackStepper, each with states and scratch of its own.
// A step takes no memory, knows no clock and starts no thread; it waits only for the members of a team of several.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "kernels/stream_layer.h"
#include "nn/recurrent_stack.h"

namespace recur {

class StackStepper {
 public:
  // Where scratch must begin: at a line of cache.
  static constexpr std::size_t kAlignment = 64;

  // In one direction only: throws Error for a stack of two. The stack and its parameters must outlive it, and the
  // parameters must not change.
  StackStepper(const RecurrentStack& stack, const Parameters& parameters);
  StackStepper(const StackStepper&) = delete;
  StackStepper& operator=(const StackStepper&) = delete;

  const RecurrentStack& stack() const { return stack_; }
  // What a step of one sequence multiplies.
  std::size_t weights() const { return weights_; }
  // By how many threads that can be shared so that it pays.
  std::size_t most_parts() const { return most_parts_; }
  // Makes a state what it is before the first step.
  void start(StackState& state) const { stack_.start(parameters_, state); }

  // The states of some sequences, each replaced by that after the step, and what they read: x [sequences, input], or
  // the indices of a one-hot stack, one for each.
  struct Step {
    std::span<StackState* const> states;
    const float* x = nullptr;
    const int* indices = nullptr;
    std::byte* scratch = nullptr;  // scratch_bytes()
  };
  std::size_t scratch_bytes(std::size_t sequences) const {
    return sequences * (sequences == 1 ? places_.before : places_.end);
  }
  // One step of all of them: the output of the last layer, [sequences, output_width], which lies in the scratch. Of one
  // sequence, several members of a team may each run their part.
  const float* step(const Step& step, const TeamMember& member = {}) const;

 private:
  struct Layer {
    StreamLayer stream;
    bool looks_back = false, connected = false;
    PackedMatrix highway{nullptr, 0, 0};  // if there is one
    const float* highway_bias = nullptr;
  };
  // Where parts of a sequence's scratch begin, in bytes; of several, each part is that of all.
  struct Places {
    std::size_t gates = 0, window = 0, output = 0, highway = 0;
    std::array<std::size_t, 2> next{};  // two layers take turns: the first one's is what the second reads
    std::size_t before = 0;             // the states of several sequences, side by side
    std::size_t end = 0;
  };

  void place_scratch();
  template <class T>
  T* scratch(const Step& step, std::size_t place) const {
    return reinterpret_cast<T*>(step.scratch + step.states.size() * place);
  }
  void look_back(const Layer& layer, std::size_t index, const Step& step, const float* x) const;
  void look_back(const StreamLayer& layer, std::span<float> kept, const float* x, float* window) const;
  void look_back(const StreamLayer& layer, std::span<float> kept, int index, int* window) const;
  void connect(const Layer& layer, const Step& step, const float* x, const float* y) const;

  const RecurrentStack& stack_;
  const Parameters& parameters_;
  Arena arena_;
  PackedStack packed_;
  std::vector<Layer> layers_;
  Places places_;
  std::size_t weights_ = 0, most_parts_ = 1;
};

}  // namespace recur
