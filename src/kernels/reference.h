// The reference for every cell, in double: what a recurrent layer computes, forward and backward through time, by plain
// loops over one unit of one row at a time. It shares nothing with the engine but the cell's own text and the shapes of
// kernels/recurrent.h; gradient checks and the engine's tests hold the fast code against it.
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/recurrent.h"
#include "recur/cell.h"
#include "recur/steps.h"

namespace recur {

using Reals = std::vector<double>;

// By CellInfo::weights, with the shapes of LayerTensors: weight[w] is [gates * hidden, columns], for the input of a
// one-hot layer [columns, gates * hidden].
struct ReferenceTensors {
  std::vector<Reals> weight, bias;
};
ReferenceTensors zero_tensors(const LayerShape& shape);

// Dense [total, input], or for a one-hot layer the index of each row.
struct ReferenceInput {
  Reals dense;
  std::vector<int> indices;
};

struct ReferenceTrace {
  Reals input;                 // dense, [total, input]
  std::vector<Reals> initial;  // each state before the first step, [batch, hidden]
  std::vector<Reals> gates;    // of each stage, before next(): [total, gates * hidden]
  std::vector<Reals> values;   // each slot after each step, [total, hidden]; slot 0 is the output
};

// initial[s] is state s before the first step, [batch, hidden].
ReferenceTrace reference_forward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                 const ReferenceInput& input, const std::vector<Reals>& initial);

// State `slot` of every row after its last step, [batch, hidden].
Reals reference_last_state(const LayerShape& shape, const Steps& steps, const ReferenceTrace& trace, std::size_t slot);

struct ReferenceGradients {
  ReferenceTensors tensors;
  Reals input;                 // [total, input]; for a one-hot layer of its dense one-hot rows
  std::vector<Reals> initial;  // of each state, [batch, hidden]
};

// `output` is the gradient of state 0 of every step, [total, hidden]; last[s] of state s after the last step,
// [batch, hidden].
ReferenceGradients reference_backward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                      const ReferenceTrace& trace, const Reals& output, const std::vector<Reals>& last);

}  // namespace recur
