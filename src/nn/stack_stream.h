// A stack of layers running one sequence step by step, see StreamLayer.
#pragma once

#include <span>
#include <vector>

#include "kernels/stream_layer.h"
#include "nn/recurrent_stack.h"
#include "kernels/thread_choice.h"

namespace recur {

class StackStream {
 public:
  // In one direction only: throws Error for a stack of two. The stack and its parameters must outlive it, and the
  // parameters must not change.
  StackStream(const RecurrentStack& stack, const Parameters& parameters);
  StackStream(const StackStream&) = delete;
  StackStream& operator=(const StackStream&) = delete;

  // One step from `state`, of a batch of one, which is replaced by the state after it: the output of the last layer,
  // [output_width], until the next call. `x` is [input]; a one-hot stack takes the index instead.
  std::span<const float> step(const float* x, StackState& state);
  std::span<const float> step(int index, StackState& state);

 private:
  // What a layer keeps between steps besides its states.
  struct Layer {
    StreamLayer stream;
    std::vector<float> window;  // dense input of the last steps, newest first; empty without a window
    std::vector<int> indices;   // or one-hot
    std::array<float*, kMostSlots> states{};
    std::vector<float> output, gate;  // after the connection; the highway's gate
    PackedMatrix highway{nullptr, 0, 0};
    const float* highway_bias = nullptr;
  };

  std::span<const float> run(const float* x, int index, StackState& state);
  void look_back(Layer& layer, const float* x, int index, std::span<float> kept) const;
  void connect(Layer& layer, const float* x) const;

  const RecurrentStack& stack_;
  const Parameters& parameters_;
  Arena arena_;
  PackedStack packed_;
  std::vector<Layer> layers_;
  ThreadChoice threads_;
};

}  // namespace recur
