// Operations between layers: joining outputs, and looking back over a window of inputs.
#pragma once

#include <cstddef>
#include <span>

#include "autograd/tape.h"
#include "recur/types/steps.h"

namespace recur {

// [rows, a + b]: the rows of a beside those of b.
Var side_by_side(Tape& tape, Var a, Var b);

// The first columns of x, [rows, columns].
Var first_columns(Tape& tape, Var x, std::size_t columns);

// [rows, columns]: a parameter in every row.
Var repeat_row(Tape& tape, const Parameter& row, std::size_t rows);

// x at each `every`-th step, the first among them; `steps` becomes that of the result, and the tape's.
Var keep_each(Tape& tape, Var x, const Steps*& steps, std::size_t every);

// a + b
Var add(Tape& tape, Var a, Var b);

// g y + (1 - g) x with g = sigmoid(gate): a highway between a layer's input x and its output y (Srivastava, Greff &
// Schmidhuber 2015).
Var highway(Tape& tape, Var gate, Var y, Var x);

// What each step looks back on: `size` inputs, its own and those before it in the run's direction.
struct Window {
  std::size_t size = 1;
  bool reverse = false;
  // The size - 1 inputs before the first step, the latest first, [batch, (size - 1) * columns]; null for zeros. Indices
  // are kept as floats, plus 1, so that 0 is none.
  const float* before = nullptr;
};

// [total, size * columns]: the input of each step, then the one a step before, ...
Var look_back(Tape& tape, Var x, const Steps& steps, const Window& window);
// The same for indices below `count`: [total, size] indices into size * count columns, -1 for none. The memory is the
// tape's.
std::span<const int> look_back(Tape& tape, std::span<const int> indices, std::size_t count, const Steps& steps,
                               const Window& window);

// What the next window of steps finds before its first: replaces `before` [batch, (size - 1) * columns]. Forward only.
void keep_inputs(const Steps& steps, std::size_t size, std::size_t columns, const float* x, std::span<float> before);
void keep_inputs(const Steps& steps, std::size_t size, std::span<const int> indices, std::span<float> before);

}  // namespace recur
