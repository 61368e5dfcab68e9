#include "kernels/weight_gradients.h"

#include <algorithm>

#include "base/threads.h"
#include "kernels/elementwise.h"

namespace recur {
namespace {

// What a run's weight was multiplied with in these rows of all steps, [rows, columns].
ConstMatrix source_of(const LayerShape& shape, const LayerTrace& trace, const GateRun& run, const RowRange& rows,
                      Arena& scratch) {
  const Steps& steps = *trace.steps;
  const std::size_t count = rows.last - rows.first;
  if (run.source == StageInfo::kInput) {
    return {trace.input.dense + rows.first * shape.input, count, shape.input, shape.input};
  }
  const auto slot = static_cast<std::size_t>(run.source);
  const std::size_t units = shape.width_of_slot(slot);
  const float* values = trace.sources[slot];
  if (slot >= shape.cell->states) return {values + rows.first * units, count, units, units};
  // States one step before: in a rectangle the same rows, shifted by a step; else they are gathered.
  if (steps.is_rectangle()) {
    return {values + (rows.first + (shape.reverse ? steps.batch() : 0)) * units, count, units, units};
  }
  float* gathered = scratch.take<float>(count * units).data();
  for (std::size_t t = 0; t < steps.length(); ++t) {
    if (steps.offset(t) < rows.first || steps.offset(t) >= rows.last) continue;
    float* to = gathered + (steps.offset(t) - rows.first) * units;
    for_rows_before(shape, steps, t, {0, steps.rows(t)}, [&](std::size_t first, std::size_t last, std::size_t before) {
      std::copy_n(values + before * units, (last - first) * units, to + first * units);
    });
  }
  return {gathered, count, units, units};
}

// The gradient of a one-hot input's weight: each row's gradient is added to its tokens. Threads own columns.
void scatter(const LayerShape& shape, const LayerTrace& trace, const GateRun& run, const RowRange& rows,
             const LayerTensors<float>& gradients) {
  const std::size_t width_of_token = shape.rows_of_weight(run.weight);
  const ConstMatrix d = gate_gradients(shape, trace, run, rows);
  const int* indices = trace.input.indices + rows.first * shape.window;
  constexpr std::size_t kColumns = 64;
  parallel_for((d.columns + kColumns - 1) / kColumns, [&](std::size_t slice) {
    const std::size_t first = slice * kColumns;
    const std::size_t count = std::min(kColumns, d.columns - first);
    for (std::size_t i = 0; i < d.rows * shape.window; ++i) {
      const int index = indices[i];
      if (index < 0) continue;
      float* to = gradients.weight[run.weight] + static_cast<std::size_t>(index) * width_of_token +
                  run.first_row * shape.width_of_stage(run.stage) + first;
      const float* from = d.data + i / shape.window * d.stride + first;
      accumulate_elements(count, from, to);
    }
  });
}

}  // namespace

ConstMatrix gate_gradients(const LayerShape& shape, const LayerTrace& trace, const GateRun& run, const RowRange& rows) {
  const std::size_t stride = shape.gate_stride(run.stage), width = shape.width_of_stage(run.stage);
  return {trace.gates[run.stage] + rows.first * stride + run.first_gate * width, rows.last - rows.first,
          run.count * width, stride};
}

void add_weight_gradients(const LayerShape& shape, const LayerTrace& trace, const RowRange& rows,
                          const LayerTensors<float>& to, Arena& scratch) {
  const GateRuns runs(*shape.cell);
  const Arena::Mark mark = scratch.mark();
  std::array<bool, kMostRuns * kMostStages> done{};
  for (std::size_t i = 0; i < runs.count; ++i) {
    if (done[i]) continue;
    const GateRun& gates = runs.runs[i];
    const std::size_t width = shape.width_of_stage(gates.stage);
    std::array<TransposedProduct, kMostTransposed> products;
    std::array<const GateRun*, kMostTransposed> biases;
    std::size_t count = 0, bias_count = 0;
    for (std::size_t j = i; j < runs.count && std::max(count, bias_count) < kMostTransposed; ++j) {
      const GateRun& run = runs.runs[j];
      if (done[j] || !run.same_gates(gates)) continue;
      done[j] = true;
      if (shape.cell->weights[run.weight].bias) biases[bias_count++] = &run;
      if (run.source == StageInfo::kInput && shape.one_hot) {
        scatter(shape, trace, run, rows, to);
        continue;
      }
      const ConstMatrix source = source_of(shape, trace, run, rows, scratch);
      float* weight = to.weight[run.weight] + run.first_row * width * source.columns;
      products[count++] = {source, {weight, run.count * width, source.columns, source.columns}};
    }
    const ConstMatrix d = gate_gradients(shape, trace, gates, rows);
    float* sums = nullptr;
    if (bias_count > 0) {
      sums = scratch.take<float>(d.columns).data();
      std::fill_n(sums, d.columns, 0.0F);
    }
    accumulate_transposed(d, {products.data(), count}, sums, scratch);
    for (std::size_t j = 0; j < bias_count; ++j) {
      accumulate_elements(d.columns, sums, to.bias[biases[j]->weight] + biases[j]->first_row * width);
    }
  }
  scratch.release(mark);
}

}  // namespace recur
