// What stands between the recurrent layers and the targets: which rows are read out, and the squared error. Gradients
// are always added to what is there.
#pragma once

#include <cstddef>
#include <span>

#include "autograd/tape.h"
#include "recur/types/steps.h"

namespace recur {

// Row rows[i] of x for each i: [rows.size(), columns]. `rows` must outlive the tape's contents.
Var select_rows(Tape& tape, Var x, std::span<const std::size_t> rows);

// What is there of each sequence after the last step in a layer's own direction: from x [total, width] to [batch,
// width]. The first `forward_columns` are those of layers that run forwards and come from the sequence's last step; the
// others run from the last step to the first and come from step 0. `steps` must outlive the tape's contents.
Var last_output(Tape& tape, Var x, const Steps& steps, std::size_t forward_columns);

// The sum over elements of (y - target)^2, but those whose target is NaN: nobody knows it. The gradient that flows back
// is that of the sum times `gradient_scale`. `targets`, as many as y has elements, must outlive the tape's contents.
double squared_error(Tape& tape, Var y, std::span<const float> targets, float gradient_scale);

}  // namespace recur
