#include <algorithm>
#include <cassert>

#include "base/threads.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_rows.h"

namespace recur {
namespace {

constexpr std::size_t kUnitBlock = 64;  // units whose gates are computed together and are still in cache for the cell
constexpr std::size_t kRowSlice = 96;   // rows of the input's product that are one slice

std::size_t panel_floats(std::size_t depth, std::size_t width) {
  return (width + PackedMatrix::kPanel - 1) / PackedMatrix::kPanel * PackedMatrix::kPanel * depth;
}

// One layer's run over the rows of one batch.
class Forward {
 public:
  Forward(const PackedLayer& layer, const LayerTrace& trace)
      : layer_(layer), shape_(layer.shape), cell_(*layer.shape.cell), steps_(*trace.steps), trace_(trace) {}

  // Pre-activations of the input, with all biases, for rows [first, last) of all steps.
  void project_input(std::size_t first, std::size_t last) const {
    for (std::size_t s = 0; s < cell_.stages.size(); ++s) {
      const StageInfo& stage = cell_.stages[s];
      for (std::size_t p = 0; p < stage.products.size(); ++p) {
        if (stage.products[p].source != StageInfo::kInput) continue;
        if (shape_.one_hot) {
          gather(s, stage.products[p], first, last);
        } else {
          const ConstMatrix x{trace_.input.dense + first * shape_.input, last - first, shape_.input, shape_.input};
          for (std::size_t i = 0; i < stage.products[p].gates.size(); ++i) {
            const std::size_t gate = stage.products[p].gates[i];
            multiply_block(x, packed(s, p, i), 0, whole_width(),
                           {ProductStart::From::bias, layer_.bias[s] + gate * shape_.hidden},
                           gates_row(s, first) + gate * shape_.hidden, gate_stride(s));
          }
        }
      }
    }
  }

  void run_rows(RowRange rows) const {
    for (std::size_t i = 0; i < steps_.length(); ++i) {
      const std::size_t t = step_at(shape_, steps_, i);
      const RowRange active{rows.first, std::min(rows.last, steps_.rows(t))};
      if (active.first >= active.last) continue;
      for_rows_before(shape_, steps_, t, active, [&](std::size_t first, std::size_t last, std::size_t before) {
        for (std::size_t s = 0; s < cell_.stages.size(); ++s) {
          for (std::size_t u = 0; u < shape_.hidden; u += kUnitBlock) run_block(s, t, first, last - first, before, u);
        }
      });
    }
  }

 private:
  std::size_t gate_stride(std::size_t s) const { return cell_.stages[s].gates.size() * shape_.hidden; }
  float* gates_row(std::size_t s, std::size_t row) const { return trace_.gates[s] + row * gate_stride(s); }
  std::size_t whole_width() const { return (shape_.hidden + PackedMatrix::kPanel - 1) / PackedMatrix::kPanel; }

  PackedMatrix packed(std::size_t s, std::size_t p, std::size_t i) const {
    const bool from_input = cell_.stages[s].products[p].source == StageInfo::kInput;
    const std::size_t depth = from_input ? shape_.input : shape_.hidden;
    return {layer_.panels[s][p] + i * panel_floats(depth, shape_.hidden), depth, shape_.hidden};
  }

  // One-hot: the product is a row of the transposed weight.
  void gather(std::size_t s, const StageInfo::ProductInfo& product, std::size_t first, std::size_t last) const {
    const std::size_t hidden = shape_.hidden;
    const std::size_t width = cell_.weights[product.weight].gates * hidden;
    for (std::size_t row = first; row < last; ++row) {
      const auto index = static_cast<std::size_t>(trace_.input.indices[row]);
      const float* token = layer_.tensors.weight[product.weight] + index * width + product.first_row * hidden;
      for (std::size_t i = 0; i < product.gates.size(); ++i) {
        const float* bias = layer_.bias[s] + product.gates[i] * hidden;
        float* to = gates_row(s, row) + product.gates[i] * hidden;
        for (std::size_t u = 0; u < hidden; ++u) to[u] = bias[u] + token[i * hidden + u];
      }
    }
  }

  // Units [u, u + kUnitBlock) of a stage for `count` rows of step t, from row `first` on.
  void run_block(std::size_t s, std::size_t t, std::size_t first, std::size_t count, std::size_t before,
                 std::size_t u) const {
    const StageInfo& stage = cell_.stages[s];
    const std::size_t hidden = shape_.hidden;
    const std::size_t row = steps_.offset(t) + first;
    unsigned started = 0;  // gates that hold something already: the input's product, or an earlier one
    for (const auto& product : stage.products) {
      if (product.source != StageInfo::kInput) continue;
      for (const std::size_t gate : product.gates) started |= 1U << gate;
    }
    for (std::size_t p = 0; p < stage.products.size(); ++p) {
      if (stage.products[p].source == StageInfo::kInput) continue;
      const auto slot = static_cast<std::size_t>(stage.products[p].source);
      const float* source = trace_.values[slot] + (slot < cell_.states ? before : row) * hidden;
      const ConstMatrix a{source, count, hidden, hidden};
      for (std::size_t i = 0; i < stage.products[p].gates.size(); ++i) {
        const std::size_t gate = stage.products[p].gates[i];
        const auto from = (started >> gate & 1U) != 0 ? ProductStart::From::result : ProductStart::From::bias;
        started |= 1U << gate;
        multiply_block(a, packed(s, p, i), u / PackedMatrix::kPanel, kUnitBlock / PackedMatrix::kPanel,
                       {from, layer_.bias[s] + gate * hidden}, gates_row(s, row) + gate * hidden + u, gate_stride(s));
      }
    }
    std::array<TileRows, Names::kMost * 2> inputs;
    std::array<TileRows, kMostSlots> outputs;
    std::size_t n = 0;
    for (std::size_t g = 0; g < stage.gates.size(); ++g)
      inputs[n++] = {gates_row(s, row) + g * hidden + u, gate_stride(s)};
    for (const std::size_t slot : stage.reads) {
      inputs[n++] = {trace_.values[slot] + (slot < cell_.states ? before : row) * hidden + u, hidden};
    }
    for (std::size_t o = 0; o < stage.writes.size(); ++o) {
      const std::size_t slot = stage.writes[o];
      const std::size_t to = slot < cell_.states ? row_after(shape_, steps_, t) + first : row;
      outputs[o] = {trace_.values[slot] + to * hidden + u, hidden};
    }
    stage.forward(count, std::min(kUnitBlock, hidden - u), inputs.data(), outputs.data());
  }

  const PackedLayer& layer_;
  const LayerShape& shape_;
  const CellInfo& cell_;
  const Steps& steps_;
  const LayerTrace& trace_;
};

void sum_biases(const CellInfo& cell, std::size_t s, std::size_t hidden, const LayerTensors<const float>& tensors,
                float* sum) {
  std::fill_n(sum, cell.stages[s].gates.size() * hidden, 0.0F);
  for (const auto& product : cell.stages[s].products) {
    for (std::size_t i = 0; i < product.gates.size(); ++i) {
      const float* bias = tensors.bias[product.weight] + (product.first_row + i) * hidden;
      for (std::size_t u = 0; u < hidden; ++u) sum[product.gates[i] * hidden + u] += bias[u];
    }
  }
}

}  // namespace

PackedLayer pack_layer(const LayerShape& shape, const LayerTensors<const float>& tensors, Arena& arena) {
  const CellInfo& cell = *shape.cell;
  assert(cell.stages.size() <= kMostStages && cell.slots.size() <= kMostSlots && cell.weights.size() <= kMostWeights);
  PackedLayer layer;
  layer.shape = shape;
  layer.tensors = tensors;
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    layer.bias[s] = arena.take<float>(cell.stages[s].gates.size() * shape.hidden).data();
    sum_biases(cell, s, shape.hidden, tensors, layer.bias[s]);
    for (std::size_t p = 0; p < cell.stages[s].products.size(); ++p) {
      const auto& product = cell.stages[s].products[p];
      const bool from_input = product.source == StageInfo::kInput;
      if (from_input && shape.one_hot) continue;
      const std::size_t depth = from_input ? shape.input : shape.hidden;
      const std::size_t stride = panel_floats(depth, shape.hidden);
      float* panels = arena.take<float>(stride * product.gates.size()).data();
      for (std::size_t i = 0; i < product.gates.size(); ++i) {
        const float* rows = tensors.weight[product.weight] + (product.first_row + i) * shape.hidden * depth;
        pack_transposed_into({rows, shape.hidden, depth, depth}, panels + i * stride);
      }
      layer.panels[s][p] = panels;
    }
  }
  return layer;
}

LayerTrace layer_forward(const PackedLayer& layer, const Steps& steps, const LayerInput& input,
                         std::span<const float* const> initial, Arena& arena) {
  const LayerShape& shape = layer.shape;
  const CellInfo& cell = *shape.cell;
  LayerTrace trace;
  trace.steps = &steps;
  trace.input = input;
  for (std::size_t s = 0; s < cell.stages.size(); ++s) {
    trace.gates[s] = arena.take<float>(steps.total() * cell.stages[s].gates.size() * shape.hidden).data();
  }
  for (std::size_t slot = 0; slot < cell.slots.size(); ++slot) {
    const bool state = slot < cell.states;
    trace.values[slot] = arena.take<float>((steps.total() + (state ? steps.batch() : 0)) * shape.hidden).data();
    if (!state) continue;
    float* first = trace.values[slot] + (shape.reverse ? steps.total() * shape.hidden : 0);
    const float* given = slot < initial.size() ? initial[slot] : nullptr;
    if (given != nullptr) {
      std::copy_n(given, steps.batch() * shape.hidden, first);
    } else {
      std::fill_n(first, steps.batch() * shape.hidden, 0.0F);
    }
  }
  const Forward forward(layer, trace);
  parallel_slices(steps.total(), kRowSlice,
                  [&](std::size_t first, std::size_t last) { forward.project_input(first, last); });
  const std::size_t parts = std::min(thread_count(), steps.batch());
  parallel_for(parts, [&](std::size_t part) { forward.run_rows(row_range(steps, part, parts)); });
  return trace;
}

void copy_last_state(const LayerShape& shape, const LayerTrace& trace, std::size_t slot, float* last) {
  const Steps& steps = *trace.steps;
  const float* states = trace.states(shape, slot);
  for (std::size_t row = 0; row < steps.batch(); ++row) {
    const std::size_t t = shape.reverse ? 0 : steps.length_of(row) - 1;
    std::copy_n(states + (steps.offset(t) + row) * shape.hidden, shape.hidden, last + row * shape.hidden);
  }
}

}  // namespace recur
