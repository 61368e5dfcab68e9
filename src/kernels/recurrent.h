// The one engine for every cell: a layer over a whole batch of sequences, forward and backward through time, in
// float32. It knows a cell only as CellInfo: stages of matrix products and two functions over a tile of units.
//
// Threads own rows of the batch for the whole sequence, so there is no barrier inside the time loop; products over all
// steps at once (the input's, and the gradients of weights) are cut into slices. Neither changes a bit of a result.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "base/arena.h"
#include "kernels/product.h"
#include "recur/cell.h"
#include "recur/steps.h"

namespace recur {

// A layer's parameters or their gradients, by CellInfo::weights: weight[w] is [gates * hidden, columns] row-major with
// its bias [gates * hidden]. A layer whose input is one-hot keeps the weights of its input transposed, [columns,
// gates * hidden], so that a token is one contiguous row.
template <class Float>
struct LayerTensors {
  std::array<Float*, kMostWeights> weight{}, bias{};
};

struct LayerShape {
  const CellInfo* cell = nullptr;
  std::size_t input = 0, hidden = 0;
  bool one_hot = false;
  bool reverse = false;  // runs from the last step to the first
};

// The input of all steps: a dense [total, input] matrix, or for a one-hot layer the index of each row.
struct LayerInput {
  const float* dense = nullptr;
  const int* indices = nullptr;
};

// Weights packed for the step's products: made once for a sequence, or once for a whole streaming session.
struct PackedLayer {
  LayerShape shape;
  LayerTensors<const float> tensors;
  // For each stage: the sum of all biases of each gate, [gates * hidden].
  std::array<float*, kMostStages> bias{};
  // For each stage, product and gate of the product: [columns of the weight, hidden], panel by panel.
  std::array<std::array<const float*, kMostWeights>, kMostStages> panels{};
};
PackedLayer pack_layer(const LayerShape& shape, const LayerTensors<const float>& tensors, Arena& arena);

// What forward leaves behind: every pre-activation and every state of every step.
struct LayerTrace {
  const Steps* steps = nullptr;
  LayerInput input;
  std::array<float*, kMostStages> gates{};  // [total, gates * hidden]; backward replaces them by their gradients
  // States: [batch + total, hidden], the initial rows before the first step (after the last when in reverse);
  // results of stages: [total, hidden].
  std::array<float*, kMostSlots> values{};

  // The states of all steps, [total, hidden].
  float* states(const LayerShape& shape, std::size_t slot) const {
    return values[slot] + (shape.reverse ? 0 : steps->batch() * shape.hidden);
  }
};

// Runs the layer. initial[s] is state s before the first step, [batch, hidden], or null for zero. `steps` and `input`
// must outlive the trace, whose memory is the arena's. Allocates nothing else.
LayerTrace layer_forward(const PackedLayer& layer, const Steps& steps, const LayerInput& input,
                         std::span<const float* const> initial, Arena& arena);

// Copies state `slot` of every row after its last step to last [batch, hidden].
void copy_last_state(const LayerShape& shape, const LayerTrace& trace, std::size_t slot, float* last);

struct LayerGradients {
  const float* output = nullptr;       // of state 0 of every step, [total, hidden]; null for zero
  std::span<const float* const> last;  // of each state after the last step, [batch, hidden]; empty or null for zero
  LayerTensors<float> tensors;         // accumulated
  float* input = nullptr;              // [total, input], accumulated; null when not wanted
  std::span<float* const> initial;     // of each state before the first step, accumulated; empty or null: not wanted
};

// Backpropagation through time. Uses up trace.gates.
void layer_backward(const LayerShape& shape, const LayerTensors<const float>& tensors, const LayerTrace& trace,
                    const LayerGradients& gradients, Arena& scratch);

}  // namespace recur
