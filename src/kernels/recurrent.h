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
#include "recur/types/cell.h"
#include "recur/types/steps.h"

namespace recur {

// A layer's parameters or their gradients: weight[w] is [gates * width, columns] row-major with its bias [gates *
// width], by CellInfo::weights; unit[u] is [width], by CellInfo::units; gain and shift of layer normalisation are [all
// gates, stage after stage, * width]. A layer whose input is one-hot keeps the weights of its input transposed,
// [columns, gates * width], so that a token is one contiguous row.
template <class Float>
struct LayerTensors {
  std::array<Float*, kMostWeights> weight{}, bias{};
  std::array<Float*, kMostUnits> unit{};
  Float* gain = nullptr;
  Float* shift = nullptr;
};

// Threads that share a layer's units own blocks of so many: the product of one row takes as many columns at once.
inline constexpr std::size_t kUnitBlock = 64;

struct LayerShape {
  const CellInfo* cell = nullptr;
  std::size_t input = 0, hidden = 0;
  bool one_hot = false;
  bool reverse = false;     // runs from the last step to the first
  std::size_t output = 0;   // of stages of Width::output; 0: as hidden
  std::size_t window = 1;   // one-hot: so many indices a row, each of its own part of the input's columns
  bool layer_norm = false;  // of every gate's pre-activation over its units
  float state_clip = 0;     // states are kept within [-x, x] after each step; 0: not
  // Zoneout at evaluation: the share of the state of the step before, of the output and of the other states.
  float zoneout = 0, zoneout_cell = 0;

  std::size_t width(Width of) const { return of == Width::output && output > 0 ? output : hidden; }
  std::size_t width_of_slot(std::size_t slot) const { return width(cell->slot_widths[slot]); }
  std::size_t width_of_stage(std::size_t s) const { return width(cell->stages[s].width); }
  // Floats of a row of a stage's gates.
  std::size_t gate_stride(std::size_t s) const { return cell->stages[s].gates.size() * width_of_stage(s); }
  // Where a stage's gates begin in the gain and shift of layer normalisation; for all stages, how many there are.
  std::size_t norm_offset(std::size_t s) const;
  std::size_t rows_of_weight(std::size_t w) const { return cell->weights[w].gates * width(cell->weights[w].rows); }
  std::size_t columns_of_weight(std::size_t w) const {
    return cell->weights[w].from_input ? input : width(cell->weights[w].columns);
  }
  float zoneout_of(std::size_t state) const {
    if (cell->first_values[state] == FirstValue::lowest) return 0;
    return state == 0 ? zoneout : zoneout_cell;
  }
  // Whether states change after the cell has computed them.
  bool updates_states(const struct LayerNoise& noise) const;
};

// What training draws for a layer; each null where there is none.
struct LayerNoise {
  // Of each state, [total, width]: 1 where a unit keeps its state of the step before (zoneout), else 0.
  std::array<const float*, kMostSlots> keep{};
  // Of each state, [batch, width]: what it is multiplied with before a matrix product.
  std::array<const float*, kMostSlots> mask{};
};

// The input of all steps: a dense [total, input] matrix, or for a one-hot layer `window` indices of each row, -1 for
// none.
struct LayerInput {
  const float* dense = nullptr;
  const int* indices = nullptr;
  LayerNoise noise;
};

// Weights packed for the step's products: made once for a sequence, or once for a whole streaming session.
struct PackedLayer {
  LayerShape shape;
  LayerTensors<const float> tensors;
  // For each stage: the sum of all biases of each gate, [gates * width].
  std::array<float*, kMostStages> bias{};
  // For each stage and product the packed weights of its gates, see packed_gates().
  std::array<std::array<const float*, kMostWeights>, kMostStages> panels{};
};
PackedLayer pack_layer(const LayerShape& shape, const LayerTensors<const float>& tensors, Arena& arena);

// What forward leaves behind: every pre-activation and every state of every step.
struct LayerTrace {
  const Steps* steps = nullptr;
  LayerInput input;
  // What next() takes, [total, gates * width]; backward replaces them by the gradients of the sums of products.
  std::array<float*, kMostStages> gates{};
  bool gates_of_one_step = false;  // they are [batch, gates * width], written again in every step: no backward
  // Layer normalisation: what gain and shift are applied to, [total, gates * width], and the factor, [total, gates].
  std::array<float*, kMostStages> normalised{}, factor{};
  // States: [batch + total, width], the initial rows before the first step (after the last when in reverse);
  // results of stages: [total, width].
  std::array<float*, kMostSlots> values{};
  // What products multiply: the states themselves, or times their mask.
  std::array<float*, kMostSlots> sources{};

  // The states of all steps, [total, width].
  float* states(const LayerShape& shape, std::size_t slot) const {
    return values[slot] + (shape.reverse ? 0 : steps->batch() * shape.width_of_slot(slot));
  }
};

// Runs the layer. initial[s] is state s before the first step, [batch, width], or null for the cell's first value.
// `steps` and `input` must outlive the trace, whose memory is the arena's. Allocates nothing else. Where nothing will
// be asked of the gates afterwards (`keep_gates` false), they may stay in a near cache, see gates_of_one_step.
LayerTrace layer_forward(const PackedLayer& layer, const Steps& steps, const LayerInput& input,
                         std::span<const float* const> initial, Arena& arena, bool keep_gates = true);

// Copies state `slot` of every row after its last step to last [batch, width].
void copy_last_state(const LayerShape& shape, const LayerTrace& trace, std::size_t slot, float* last);

struct LayerGradients {
  const float* output = nullptr;       // of state 0 of every step, [total, width]; null for zero
  std::span<const float* const> last;  // of each state after the last step, [batch, width]; empty or null for zero
  LayerTensors<float> tensors;         // accumulated
  float* input = nullptr;              // [total, input], accumulated; null when not wanted
  std::span<float* const> initial;     // of each state before the first step, accumulated; empty or null: not wanted
  // Of each state after every step, by all ways from it to the loss, [total, width]; empty or null: not wanted.
  std::span<float* const> states;
};

// Backpropagation through time. Uses up trace.gates.
void layer_backward(const LayerShape& shape, const LayerTensors<const float>& tensors, const LayerTrace& trace,
                    const LayerGradients& gradients, Arena& scratch);

}  // namespace recur
