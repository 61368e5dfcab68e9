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

// What runs multiplied, packed, each once.
class PackedSources {
 public:
  PackedSources(const LayerShape& shape, const LayerTrace& trace, const GateRuns& runs, const RowRange& rows,
                Arena& scratch) {
    for (const GateRun& run : runs) {
      PackedMatrix& packed = of(run);
      if (packed.data != nullptr || (run.source == StageInfo::kInput && shape.one_hot)) continue;
      packed = pack_if_wide(source_of(shape, trace, run, rows, scratch), scratch);
    }
  }
  const PackedMatrix& of(const GateRun& run) const { return packed_[place(run)]; }

 private:
  static std::size_t place(const GateRun& run) {
    return run.source == StageInfo::kInput ? kMostSlots : static_cast<std::size_t>(run.source);
  }
  PackedMatrix& of(const GateRun& run) { return packed_[place(run)]; }

  std::array<PackedMatrix, kMostSlots + 1> packed_{};
};

// The gates from `gate` on that the same runs have, up to `last`, and these runs' parts.
struct SharedGates {
  std::array<GateRun, kMostTransposed> runs;
  std::size_t count = 0, last;

  SharedGates(const GateRuns& all, std::size_t stage, std::size_t gate, std::size_t gates) : last(gates) {
    for (const GateRun& run : all) {
      if (run.stage != stage) continue;
      if (run.has(gate)) runs.at(count++) = run;
      const std::size_t end = run.first_gate > gate ? run.first_gate : run.last_gate();
      if (end > gate) last = std::min(last, end);
    }
    for (std::size_t i = 0; i < count; ++i) runs[i] = runs[i].part(gate, last);
  }
};

// Adds the gradients of all that such gates were products of; those of the gates are packed once for all.
void add_gates(const LayerShape& shape, const LayerTrace& trace, const SharedGates& gates, const RowRange& rows,
               const PackedSources& sources, const LayerTensors<float>& to, Arena& scratch) {
  if (gates.count == 0) return;
  const ConstMatrix d = gate_gradients(shape, trace, gates.runs[0], rows);
  std::array<TransposedProduct, kMostTransposed> products;
  std::size_t count = 0;
  float* sums = nullptr;
  for (std::size_t i = 0; i < gates.count; ++i) {
    const GateRun& run = gates.runs[i];
    if (shape.cell->weights[run.weight].bias && sums == nullptr) {
      sums = scratch.take<float>(d.columns).data();
      std::fill_n(sums, d.columns, 0.0F);
    }
    if (run.source == StageInfo::kInput && shape.one_hot) {
      scatter(shape, trace, run, rows, to);
      continue;
    }
    const PackedMatrix& source = sources.of(run);
    float* weight = to.weight[run.weight] + run.first_row * shape.width_of_stage(run.stage) * source.columns;
    products[count++] = {source, {weight, d.columns, source.columns, source.columns}};
  }
  accumulate_transposed(d, {products.data(), count}, sums);
  for (std::size_t i = 0; i < gates.count; ++i) {
    const GateRun& run = gates.runs[i];
    if (!shape.cell->weights[run.weight].bias) continue;
    accumulate_elements(d.columns, sums, to.bias[run.weight] + run.first_row * shape.width_of_stage(run.stage));
  }
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
  const PackedSources sources(shape, trace, runs, rows, scratch);
  for (std::size_t s = 0; s < shape.cell->stages.size(); ++s) {
    for (std::size_t gate = 0; gate < shape.cell->stages[s].gates.size();) {
      const SharedGates gates(runs, s, gate, shape.cell->stages[s].gates.size());
      add_gates(shape, trace, gates, rows, sources, to, scratch);
      gate = gates.last;
    }
  }
  scratch.release(mark);
}

}  // namespace recur
