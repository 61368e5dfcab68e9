#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "kernels/forward_products.h"
#include "kernels/layer_norm.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_rows.h"
#include "kernels/recurrent_steps.h"
#include "kernels/thread_choice.h"

namespace recur {
namespace {

// Units whose gates are still in cache when the cell needs them.
constexpr std::size_t kUnitsTogether = 256;
constexpr std::size_t kLongSequence = 128;  // steps that are worth finding out how threads run them best

// Whether a share multiplies its rows of the input step by step, so that the pre-activations are still in cache when
// the states' products are added; pays with enough rows for a full product and weights that a near cache holds.
bool projects_in_steps(const LayerShape& shape, const Steps& steps, const Shares& shares) {
  constexpr std::size_t kLeastRows = 8, kMostWeightFloats = std::size_t{1} << 18;
  std::size_t weights = 0;
  for (std::size_t s = 0; s < shape.cell->stages.size(); ++s) weights += shape.gate_stride(s) * shape.input;
  return !shape.one_hot && weights <= kMostWeightFloats && shares.unit_parts() == 1 &&
         steps.total() >= kLeastRows * shares.row_parts() * steps.length();
}

// One layer's run over the rows of one batch.
class Forward {
 public:
  Forward(const PackedLayer& layer, const LayerTrace& trace, const Shares& shares)
      : layer_(layer),
        shape_(layer.shape),
        cell_(*layer.shape.cell),
        steps_(*trace.steps),
        trace_(trace),
        updates_(shape_.updates_states(trace.input.noise)),
        products_(layer.shape, shares.unit_parts() == 1 && fits_together(layer.shape)) {}

  // Pre-activations of the input, with all biases, for rows [first, last) of all steps, or of step t.
  void project_input(std::size_t first, std::size_t last, std::size_t t = 0) const {
    for (std::size_t s = 0; s < cell_.stages.size(); ++s) {
      for (const ForwardProduct& x : products_.of(s)) {
        if (x.source != StageInfo::kInput) continue;
        if (shape_.one_hot) {
          for (std::size_t row = first; row < last; ++row) {
            gather_gates(layer_, x, trace_.input.indices + row * shape_.window, 0, width(s), gates_row(s, t, row));
          }
          continue;
        }
        const PackedMatrix w = packed_gates(layer_, x);
        multiply_block({trace_.input.dense + first * shape_.input, last - first, shape_.input, shape_.input}, w, 0,
                       w.panels(), start_of(layer_, x), gates_row(s, t, first) + x.gate * width(s),
                       shape_.gate_stride(s));
      }
    }
  }

  // The steps that are run `first_step` to last_step - 1.
  void run_share(const Share& share, bool project, std::size_t first_step, std::size_t last_step) const {
    for (std::size_t i = first_step; i < last_step; ++i) {
      const std::size_t t = step_at(shape_, steps_, i);
      const RowRange active{share.rows.first, std::min(share.rows.last, steps_.rows(t))};
      if (active.first >= active.last) continue;
      if (project) project_input(steps_.offset(t) + active.first, steps_.offset(t) + active.last, t);
      for_rows_before(shape_, steps_, t, active, [&](std::size_t first, std::size_t last, std::size_t before) {
        const Rows rows{t, first, last - first, before};
        for (std::size_t s = 0; s < cell_.stages.size(); ++s) {
          run_stage(s, rows, share.first_unit, std::min(share.last_unit, width(s)));
          wait_for_others(share);
        }
        if (!updates_) return;
        update_states(rows, share);
        wait_for_others(share);
      });
    }
  }

 private:
  // Rows of one step: `count` from `first` on; their states before the step begin at row `before`.
  struct Rows {
    std::size_t t, first, count, before;
  };

  std::size_t width(std::size_t s) const { return shape_.width_of_stage(s); }
  // The gates of `row` of all steps, which is one of step t.
  float* gates_row(std::size_t s, std::size_t t, std::size_t row) const {
    return trace_.gates[s] + (trace_.gates_of_one_step ? row - steps_.offset(t) : row) * shape_.gate_stride(s);
  }

  // Whether a block of units is a whole layer, so that neighbouring gates can be one product.
  static bool fits_together(const LayerShape& shape) {
    for (std::size_t s = 0; s < shape.cell->stages.size(); ++s) {
      if (shape.width_of_stage(s) > kUnitsTogether) return false;
    }
    return true;
  }

  // Units [first_unit, last_unit) of a stage.
  void run_stage(std::size_t s, const Rows& rows, std::size_t first_unit, std::size_t last_unit) const {
    if (shape_.layer_norm) {
      for (std::size_t u = first_unit; u < last_unit; u += kUnitsTogether) multiply_states(s, rows, u, last_unit);
      const std::size_t row = steps_.offset(rows.t) + rows.first;
      const std::size_t gates = cell_.stages[s].gates.size();
      const std::size_t offset = shape_.norm_offset(s);
      normalise({rows.count, gates, width(s)}, layer_.tensors.gain + offset, layer_.tensors.shift + offset,
                gates_row(s, rows.t, row), trace_.normalised[s] + row * shape_.gate_stride(s),
                trace_.factor[s] + row * gates);
      for (std::size_t u = first_unit; u < last_unit; u += kUnitsTogether) run_cell(s, rows, u, last_unit);
    } else {
      for (std::size_t u = first_unit; u < last_unit; u += kUnitsTogether) {
        multiply_states(s, rows, u, last_unit);
        run_cell(s, rows, u, last_unit);
      }
    }
  }

  // Adds the products of states and results for units [u, u + kUnitsTogether), at most up to last_unit.
  void multiply_states(std::size_t s, const Rows& rows, std::size_t u, std::size_t last_unit) const {
    const std::size_t row = steps_.offset(rows.t) + rows.first;
    const std::size_t units = std::min(kUnitsTogether, last_unit - u);
    for (const ForwardProduct& x : products_.of(s)) {
      if (x.source == StageInfo::kInput) continue;
      const auto slot = static_cast<std::size_t>(x.source);
      const std::size_t depth = shape_.width_of_slot(slot);
      const float* source = trace_.sources[slot] + (slot < cell_.states ? rows.before : row) * depth;
      const std::size_t panels = (units * x.count + PackedMatrix::kPanel - 1) / PackedMatrix::kPanel;
      multiply_block({source, rows.count, depth, depth}, packed_gates(layer_, x), u / PackedMatrix::kPanel, panels,
                     start_of(layer_, x), gates_row(s, rows.t, row) + x.gate * width(s) + u, shape_.gate_stride(s));
    }
  }

  // The pointwise function for units [u, u + kUnitsTogether), at most up to last_unit.
  void run_cell(std::size_t s, const Rows& rows, std::size_t u, std::size_t last_unit) const {
    const StageInfo& stage = cell_.stages[s];
    const std::size_t row = steps_.offset(rows.t) + rows.first;
    const std::size_t units = width(s);
    std::array<TileRows, StageInfo::kMostInputs> inputs;
    std::array<TileRows, kMostSlots> outputs;
    std::size_t n = 0;
    for (std::size_t g = 0; g < stage.gates.size(); ++g) {
      inputs[n++] = {gates_row(s, rows.t, row) + g * units + u, shape_.gate_stride(s)};
    }
    for (const std::size_t slot : stage.reads) {
      inputs[n++] = {trace_.values[slot] + (slot < cell_.states ? rows.before : row) * units + u, units};
    }
    // One row for all: next() only reads it.
    for (const std::size_t unit : stage.units) inputs[n++] = {const_cast<float*>(layer_.tensors.unit[unit]) + u, 0};
    for (std::size_t o = 0; o < stage.writes.size(); ++o) {
      const std::size_t slot = stage.writes[o];
      const std::size_t to = slot < cell_.states ? row_after(shape_, steps_, rows.t) + rows.first : row;
      outputs[o] = {trace_.values[slot] + to * units + u, units};
    }
    stage.forward(rows.count, std::min(kUnitsTogether, last_unit - u), inputs.data(), outputs.data());
  }

  // Zoneout, clipping, and the masked states that the next step's products need.
  void update_states(const Rows& rows, const Share& share) const {
    for (std::size_t slot = 0; slot < cell_.states; ++slot) {
      for_state_parts(shape_, share, slot, rows.first, rows.count,
                      [&](std::size_t row, std::size_t unit, std::size_t n) {
                        const std::size_t units = shape_.width_of_slot(slot);
                        const std::size_t after = (row_after(shape_, steps_, rows.t) + row) * units + unit;
                        const std::size_t before = (rows.before + row - rows.first) * units + unit;
                        const StateUpdate update =
                            state_update(shape_, trace_.input.noise, slot, steps_.offset(rows.t) + row, unit);
                        float* state = trace_.values[slot] + after;
                        if (update.any()) update_state(update, n, trace_.values[slot] + before, state);
                        const float* mask = trace_.input.noise.mask[slot];
                        if (mask != nullptr)
                          multiply_elements(n, state, mask + row * units + unit, trace_.sources[slot] + after);
                      });
    }
  }

  const PackedLayer& layer_;
  const LayerShape& shape_;
  const CellInfo& cell_;
  const Steps& steps_;
  const LayerTrace& trace_;
  bool updates_;
  ForwardProducts products_;
};

// In the arena: it is too large for the stack of a small thread. All three must outlive it.
const Forward& make_forward(const PackedLayer& layer, const LayerTrace& trace, const Shares& shares, Arena& arena) {
  return *new (arena.take<Forward>(1).data()) Forward(layer, trace, shares);
}

void sum_biases(const LayerShape& shape, std::size_t s, const LayerTensors<const float>& tensors, float* sum) {
  const CellInfo& cell = *shape.cell;
  const std::size_t units = shape.width_of_stage(s);
  std::fill_n(sum, shape.gate_stride(s), 0.0F);
  for (const auto& product : cell.stages[s].products) {
    if (!cell.weights[product.weight].bias) continue;
    for (std::size_t i = 0; i < product.gates.size(); ++i) {
      const float* bias = tensors.bias[product.weight] + (product.first_row + i) * units;
      for (std::size_t u = 0; u < units; ++u) sum[product.gates[i] * units + u] += bias[u];
    }
  }
}

// Memory for a state and its rows before the first step, and for what products multiply.
void start_state(const LayerShape& shape, std::size_t slot, const float* given, LayerTrace& trace, Arena& arena) {
  const Steps& steps = *trace.steps;
  const std::size_t width = shape.width_of_slot(slot);
  const std::size_t size = (steps.batch() + steps.total()) * width;
  const std::size_t place = shape.reverse ? steps.total() * width : 0;
  const std::size_t count = steps.batch() * width;
  trace.sources[slot] = trace.values[slot] = arena.take<float>(size).data();
  if (given != nullptr) {
    std::copy_n(given, count, trace.values[slot] + place);
  } else {
    std::fill_n(trace.values[slot] + place, count, shape.cell->first_value(slot));
  }
  const float* mask = trace.input.noise.mask[slot];
  if (mask == nullptr) return;
  trace.sources[slot] = arena.take<float>(size).data();
  multiply_elements(count, trace.values[slot] + place, mask, trace.sources[slot] + place);
}

// A trace before the first step: its memory, and the states that the run starts from.
LayerTrace start_trace(const LayerShape& shape, const Steps& steps, const LayerInput& input,
                       std::span<const float* const> initial, Arena& arena, bool gates_of_one_step = false) {
  const CellInfo& cell = *shape.cell;
  LayerTrace trace;
  trace.steps = &steps;
  trace.input = input;
  trace.gates_of_one_step = gates_of_one_step;
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    const std::size_t rows = gates_of_one_step ? steps.batch() : steps.total();
    trace.gates[s] = arena.take<float>(rows, shape.gate_stride(s)).data();
    if (!shape.layer_norm) continue;
    trace.normalised[s] = arena.take<float>(steps.total(), shape.gate_stride(s)).data();
    trace.factor[s] = arena.take<float>(steps.total(), cell.stages[s].gates.size()).data();
  }
  for (std::size_t slot = 0; slot < cell.slots.size(); ++slot) {
    if (slot < cell.states) {
      start_state(shape, slot, slot < initial.size() ? initial[slot] : nullptr, trace, arena);
    } else {
      trace.values[slot] = arena.take<float>(steps.total(), shape.width_of_slot(slot)).data();
      trace.sources[slot] = trace.values[slot];
    }
  }
  return trace;
}

// A few long sequences, which leave threads without rows: some steps at a time, with or without all threads sharing the
// units, as was faster before. The bits are the same.
void run_trying(const PackedLayer& layer, const LayerTrace& trace, const Forward& by_rows, const Shares& rows,
                Arena& arena) {
  constexpr std::size_t kTogether = 8;  // steps: one alone is too short to start threads for
  const Shares units = Shares::of_units(layer.shape, *trace.steps);
  const Forward& by_units = make_forward(layer, trace, units, arena);
  ThreadChoice choice(units.unit_parts());
  const std::size_t length = trace.steps->length();
  for (std::size_t first = 0; first < length; first += kTogether) {
    const std::size_t last = std::min(first + kTogether, length);
    choice.time([&] {
      const bool alone = choice.parts() == 1;
      const Forward& forward = alone ? by_rows : by_units;
      (alone ? rows : units).run([&](const Share& share) { forward.run_share(share, false, first, last); });
    });
  }
}

}  // namespace

std::size_t LayerShape::norm_offset(std::size_t s) const {
  std::size_t offset = 0;
  for (std::size_t earlier = 0; earlier < s; ++earlier) offset += gate_stride(earlier);
  return offset;
}

bool LayerShape::updates_states(const LayerNoise& noise) const {
  const auto given = [](const float* array) { return array != nullptr; };
  return state_clip > 0 || zoneout > 0 || zoneout_cell > 0 ||
         std::any_of(noise.keep.begin(), noise.keep.end(), given) ||
         std::any_of(noise.mask.begin(), noise.mask.end(), given);
}

PackedLayer pack_layer(const LayerShape& shape, const LayerTensors<const float>& tensors, Arena& arena) {
  const CellInfo& cell = *shape.cell;
  const ForwardProducts products(shape, true);
  PackedLayer layer;
  layer.shape = shape;
  layer.tensors = tensors;
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    const std::size_t width = shape.width_of_stage(s);
    layer.bias[s] = arena.take<float>(shape.gate_stride(s)).data();
    sum_biases(shape, s, tensors, layer.bias[s]);
    for (std::size_t p = 0; p < cell.stages[s].products.size(); ++p) {
      const auto& product = cell.stages[s].products[p];
      if (product.source == StageInfo::kInput && shape.one_hot) continue;
      const std::size_t depth = shape.columns_of_weight(product.weight);
      const std::size_t stride = PackedMatrix{nullptr, depth, width}.panels() * PackedMatrix::kPanel * depth;
      float* panels = arena.take<float>(stride, product.gates.size()).data();
      layer.panels[s][p] = panels;
      for (const ForwardProduct& x : products.of(s)) {
        if (x.product != p) continue;
        const PackedMatrix w = packed_gates(layer, x);
        const float* rows = tensors.weight[product.weight] + (product.first_row + x.first) * width * depth;
        pack_transposed_into({rows, w.columns, depth, depth}, panels + (w.data - panels));
      }
    }
  }
  return layer;
}

LayerTrace layer_forward(const PackedLayer& layer, const Steps& steps, const LayerInput& input,
                         std::span<const float* const> initial, Arena& arena, bool keep_gates) {
  const Shares shares(layer.shape, steps);
  const bool in_steps = projects_in_steps(layer.shape, steps, shares);
  const LayerTrace trace = start_trace(layer.shape, steps, input, initial, arena, in_steps && !keep_gates);
  const Forward& forward = make_forward(layer, trace, shares, arena);
  if (!in_steps) {
    parallel_slices(steps.total(), kProductRows,
                    [&](std::size_t first, std::size_t last) { forward.project_input(first, last); });
  }
  if (!in_steps && steps.length() >= kLongSequence && shares.leave_threads(layer.shape)) {
    run_trying(layer, trace, forward, shares, arena);
  } else {
    shares.run([&](const Share& share) { forward.run_share(share, in_steps, 0, steps.length()); });
  }
  return trace;
}

struct StepwiseForward::Run {
  Run(const PackedLayer& layer, const LayerTrace& started)
      : trace(started), shares(layer.shape, *trace.steps), forward(layer, trace, shares) {}

  LayerTrace trace;
  Shares shares;
  Forward forward;
};

StepwiseForward::StepwiseForward(const PackedLayer& layer, const Steps& steps, const LayerInput& input,
                                 std::span<const float* const> initial, Arena& arena)
    : run_(new (arena.take<Run>(1).data()) Run(layer, start_trace(layer.shape, steps, input, initial, arena))) {
  assert(!layer.shape.reverse);
}

void StepwiseForward::step(std::size_t t) {
  if (shares_rows()) {
    run_->shares.run_step(t, [&](const Share& share) { step(t, share.rows); });
    return;
  }
  parallel_rows(*run_->trace.steps, t,
                [&](const RowRange& rows) { run_->forward.project_input(rows.first, rows.last); });
  run_->shares.run_step(t, [&](const Share& share) { run_->forward.run_share(share, false, t, t + 1); });
}

bool StepwiseForward::shares_rows() const { return run_->shares.unit_parts() == 1; }

void StepwiseForward::step(std::size_t t, const RowRange& rows) const {
  run_->forward.run_share(run_->shares.all_units(rows), true, t, t + 1);
}

const LayerTrace& StepwiseForward::trace() const { return run_->trace; }

void copy_last_state(const LayerShape& shape, const LayerTrace& trace, std::size_t slot, float* last) {
  const Steps& steps = *trace.steps;
  const float* states = trace.states(shape, slot);
  const std::size_t width = shape.width_of_slot(slot);
  for (std::size_t row = 0; row < steps.batch(); ++row) {
    const std::size_t t = shape.reverse ? 0 : steps.length_of(row) - 1;
    std::copy_n(states + (steps.offset(t) + row) * width, width, last + row * width);
  }
}

}  // namespace recur
