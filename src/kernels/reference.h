// The reference for every cell, in double: what a recurrent layer computes, forward and backward through time, by plain
// loops over one unit of one row at a time. It shares nothing with the engine but the cell's own text and the shapes of
// kernels/recurrent.h; gradient checks and the engine's tests hold the fast code against it.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <vector>

#include "kernels/recurrent.h"
#include "recur/types/cell.h"
#include "recur/types/steps.h"

namespace recur {

using Doubles = std::vector<double>;

// The shapes of LayerTensors: weight[w] is [gates * width, columns], for the input of a one-hot layer [columns, gates *
// width]; the bias of a weight that has none is empty, and so are gain and shift without layer normalisation.
struct ReferenceTensors {
  std::vector<Doubles> weight, bias, unit;
  Doubles gain, shift;
};
ReferenceTensors zero_tensors(const LayerShape& shape);

// Dense [total, input], or for a one-hot layer `window` indices of each row, -1 for none. The noise is by state, as in
// LayerNoise, each empty where there is none.
struct ReferenceInput {
  Doubles dense;
  std::vector<int> indices;
  std::array<Doubles, kMostSlots> keep, mask;
};

struct ReferenceTrace {
  ReferenceInput input;             // dense, [total, input]
  std::vector<Doubles> initial;     // each state before the first step, [batch, width]
  std::vector<Doubles> gates;       // of each stage, what next() takes: [total, gates * width]
  std::vector<Doubles> normalised;  // layer normalisation: before gain and shift
  std::vector<Doubles> factor;      // and what it multiplied with, [total, gates]
  std::vector<Doubles> values;      // each slot after each step, [total, width]; slot 0 is the output
  // The nearest that a state came to the limit where it is clipped, a point without derivative.
  double nearest_to_clip = std::numeric_limits<double>::infinity();
};

// initial[s] is state s before the first step, [batch, width].
ReferenceTrace reference_forward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                 const ReferenceInput& input, const std::vector<Doubles>& initial);

// State `slot` of every row after its last step, [batch, width].
Doubles reference_last_state(const LayerShape& shape, const Steps& steps, const ReferenceTrace& trace,
                             std::size_t slot);

struct ReferenceGradients {
  ReferenceTensors tensors;
  Doubles input;                 // [total, input]; for a one-hot layer of its dense one-hot rows
  std::vector<Doubles> initial;  // of each state, [batch, width]
};

// `output` is the gradient of state 0 of every step, [total, width]; last[s] of state s after the last step,
// [batch, width].
ReferenceGradients reference_backward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                      const ReferenceTrace& trace, const Doubles& output,
                                      const std::vector<Doubles>& last);

}  // namespace recur
