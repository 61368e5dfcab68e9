// The differentiable operations. Each computes its result at once and records how gradients flow back; gradients are
// always added to what is there.
#pragma once

#include <cstddef>
#include <span>

#include "autograd/tape.h"
#include "base/philox.h"
#include "kernels/recurrent.h"

namespace recur {

// Rows of `table` [vocabulary, width], one for each index: [indices, width]. `indices` must outlive the tape's
// contents.
Var embedding(Tape& tape, const Parameter& table, std::span<const int> indices);

// Zeroes each element with probability `rate` and scales the others by 1 / (1 - rate) (Srivastava et al. 2014). Element
// i draws number `first_position` + i of `random`. Does nothing on a tape that does not record.
Var dropout(Tape& tape, Var x, float rate, const Random& random, std::uint64_t first_position);

// x W^T + b for x [rows, in], W [out, in], b [1, out].
Var linear(Tape& tape, Var x, const Parameter& weight, const Parameter& bias);

// The last layer of a classifier and its loss in one: logits = x W^T + b [rows, classes], then the sum over rows of
// -log softmax(logits)[target], in nats, which is returned. The gradient that flows back is that of the loss times
// `gradient_scale`. `targets` must outlive the tape's contents.
double linear_cross_entropy(Tape& tape, Var x, const Parameter& weight, const Parameter& bias,
                            std::span<const int> targets, float gradient_scale);

struct RecurrentResult {
  Var output;        // state 0 of every step, [total, hidden]
  LayerTrace trace;  // every state of every step
};

// A recurrent layer over a whole batch of sequences, one node. Its input is a Var [total, input] or, one-hot, an index
// a row. `initial` as in layer_forward. `steps` and indices must outlive the tape's contents.
RecurrentResult recurrent(Tape& tape, const PackedLayer& layer, const LayerTensors<float>& gradients, Var x,
                          const Steps& steps, std::span<const float* const> initial);
RecurrentResult recurrent(Tape& tape, const PackedLayer& layer, const LayerTensors<float>& gradients,
                          std::span<const int> indices, const Steps& steps, std::span<const float* const> initial);

}  // namespace recur
