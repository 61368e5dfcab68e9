// The last part of a layer's backward pass: from the gradients of all gates those of the weights and biases.
#pragma once

#include "base/arena.h"
#include "kernels/gate_runs.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_rows.h"

namespace recur {

// What a trace holds after backward has replaced a run's gates by their gradients, in some rows of all steps.
ConstMatrix gate_gradients(const LayerShape& shape, const LayerTrace& trace, const GateRun& run, const RowRange& rows);

// Adds the gradients of weights and biases from some rows of all steps, in parallel.
void add_weight_gradients(const LayerShape& shape, const LayerTrace& trace, const RowRange& rows,
                          const LayerTensors<float>& to, Arena& scratch);

}  // namespace recur
