#include "kernels/reference.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

// The layer and where its numbers lie.
struct Layer {
  const LayerShape& shape;
  const ReferenceTensors& tensors;
  const Steps& steps;
  const CellInfo& cell = *shape.cell;

  std::size_t width(std::size_t s) const { return shape.width_of_stage(s); }
  // Element (row, column) of a weight, transposed where the layer keeps it so.
  std::size_t element(std::size_t weight, std::size_t row, std::size_t column) const {
    const bool transposed = shape.one_hot && cell.weights[weight].from_input;
    return transposed ? column * shape.rows_of_weight(weight) + row : row * shape.columns_of_weight(weight) + column;
  }
  // The step that comes `index`-th for a sequence of `length` steps.
  std::size_t step_at(std::size_t index, std::size_t length) const {
    return shape.reverse ? length - 1 - index : index;
  }
  bool is_state(std::size_t slot) const { return slot < cell.states; }
};

// The input as dense rows.
Doubles dense_input(const LayerShape& shape, const Steps& steps, const ReferenceInput& input) {
  if (!shape.one_hot) return input.dense;
  Doubles dense(steps.total() * shape.input);
  for (std::size_t i = 0; i < steps.total() * shape.window; ++i) {
    if (input.indices[i] >= 0) dense[i / shape.window * shape.input + static_cast<std::size_t>(input.indices[i])] += 1;
  }
  return dense;
}

// One row of the batch at one step: where what it computes from and to lies.
struct Moment {
  const Layer& layer;
  const ReferenceTrace& trace;
  std::size_t b, row;
  std::vector<const double*> before;  // each state before the step, [width]

  Moment(const Layer& of, const ReferenceTrace& t, std::size_t in_batch, std::size_t index)
      : layer(of), trace(t), b(in_batch) {
    const std::size_t length = layer.steps.length_of(b);
    row = layer.steps.offset(layer.step_at(index, length)) + b;
    for (std::size_t s = 0; s < layer.cell.states; ++s) {
      const std::size_t width = layer.shape.width_of_slot(s);
      before.push_back(index == 0 ? &trace.initial[s][b * width]
                                  : &trace.values[s][previous_row(index, length) * width]);
    }
  }
  std::size_t previous_row(std::size_t index, std::size_t length) const {
    return layer.steps.offset(layer.step_at(index - 1, length)) + b;
  }
  // What a stage reads: a state before the step, or a result of an earlier stage.
  const double* read(std::size_t slot) const {
    return layer.is_state(slot) ? before[slot] : &trace.values[slot][row * layer.shape.width_of_slot(slot)];
  }
  // What unit k of a state is multiplied with before a product.
  double mask(int source, std::size_t k) const {
    if (source == StageInfo::kInput) return 1;
    const auto slot = static_cast<std::size_t>(source);
    const Doubles& masks = trace.input.mask[slot];
    return masks.empty() ? 1 : masks[b * layer.shape.width_of_slot(slot) + k];
  }
  // What a product multiplies, [columns].
  Doubles source(int source, std::size_t columns) const {
    const double* from = source == StageInfo::kInput ? &trace.input.dense[row * layer.shape.input]
                                                     : read(static_cast<std::size_t>(source));
    Doubles values(from, from + columns);
    for (std::size_t k = 0; k < columns; ++k) values[k] *= mask(source, k);
    return values;
  }
  // Arguments of next() for one unit: gates, what is read, parameters of the unit.
  Doubles arguments(std::size_t s, std::size_t unit) const {
    const StageInfo& stage = layer.cell.stages[s];
    const double* gates = &trace.gates[s][row * layer.shape.gate_stride(s)];
    Doubles in;
    for (std::size_t g = 0; g < stage.gates.size(); ++g) in.push_back(gates[g * layer.width(s) + unit]);
    for (const std::size_t slot : stage.reads) in.push_back(read(slot)[unit]);
    for (const std::size_t u : stage.units) in.push_back(layer.tensors.unit[u][unit]);
    return in;
  }
  // The share of a state before the step in the state after it.
  double kept(std::size_t slot, std::size_t unit) const {
    const Doubles& keep = trace.input.keep[slot];
    return keep.empty() ? layer.shape.zoneout_of(slot) : keep[row * layer.shape.width_of_slot(slot) + unit];
  }
};

void normalise_gate(const Moment& at, std::size_t s, std::size_t g, ReferenceTrace& trace) {
  constexpr double kEpsilon = 1e-5;
  const Layer& layer = at.layer;
  const std::size_t width = layer.width(s);
  const std::size_t place = at.row * layer.shape.gate_stride(s) + g * width;
  double* z = &trace.gates[s][place];
  double mean = 0, variance = 0;
  for (std::size_t u = 0; u < width; ++u) mean += z[u] / static_cast<double>(width);
  for (std::size_t u = 0; u < width; ++u) variance += (z[u] - mean) * (z[u] - mean) / static_cast<double>(width);
  const double factor = 1 / std::sqrt(variance + kEpsilon);
  trace.factor[s][at.row * layer.cell.stages[s].gates.size() + g] = factor;
  for (std::size_t u = 0; u < width; ++u) {
    const std::size_t parameter = layer.shape.norm_offset(s) + g * width + u;
    trace.normalised[s][place + u] = (z[u] - mean) * factor;
    z[u] = layer.tensors.gain[parameter] * trace.normalised[s][place + u] + layer.tensors.shift[parameter];
  }
}

void forward_stage(const Moment& at, std::size_t s, ReferenceTrace& trace) {
  const Layer& layer = at.layer;
  const StageInfo& stage = layer.cell.stages[s];
  const std::size_t width = layer.width(s);
  double* gates = &trace.gates[s][at.row * layer.shape.gate_stride(s)];
  for (const auto& product : stage.products) {
    const bool biased = layer.cell.weights[product.weight].bias;
    const Doubles source = at.source(product.source, layer.shape.columns_of_weight(product.weight));
    for (std::size_t i = 0; i < product.gates.size(); ++i) {
      for (std::size_t u = 0; u < width; ++u) {
        const std::size_t r = (product.first_row + i) * width + u;
        double sum = biased ? layer.tensors.bias[product.weight][r] : 0;
        for (std::size_t k = 0; k < source.size(); ++k) {
          sum += layer.tensors.weight[product.weight][layer.element(product.weight, r, k)] * source[k];
        }
        gates[product.gates[i] * width + u] += sum;
      }
    }
  }
  for (std::size_t g = 0; g < stage.gates.size() && layer.shape.layer_norm; ++g) normalise_gate(at, s, g, trace);
  Doubles out(stage.writes.size());
  for (std::size_t u = 0; u < width; ++u) {
    stage.reference(at.arguments(s, u).data(), out.data());
    for (std::size_t o = 0; o < out.size(); ++o) trace.values[stage.writes[o]][at.row * width + u] = out[o];
  }
}

void update_states(const Moment& at, ReferenceTrace& trace) {
  const LayerShape& shape = at.layer.shape;
  for (std::size_t slot = 0; slot < at.layer.cell.states; ++slot) {
    const std::size_t width = shape.width_of_slot(slot);
    for (std::size_t u = 0; u < width; ++u) {
      double& value = trace.values[slot][at.row * width + u];
      const double kept = at.kept(slot, u);
      value = kept * at.before[slot][u] + (1 - kept) * value;
      if (shape.state_clip <= 0) continue;
      // A unit that kept its clipped value is exactly there, and nothing moves it.
      const double distance = std::abs(std::abs(value) - shape.state_clip);
      if (distance > 0) trace.nearest_to_clip = std::min(trace.nearest_to_clip, distance);
      value = std::clamp<double>(value, -shape.state_clip, shape.state_clip);
    }
  }
}

// Gradients of each slot after the step and of each state before it, [width].
struct StateGradients {
  std::vector<Doubles> after, before;
};

void update_states_backward(const Moment& at, StateGradients& d) {
  const LayerShape& shape = at.layer.shape;
  for (std::size_t slot = 0; slot < at.layer.cell.states; ++slot) {
    for (std::size_t u = 0; u < shape.width_of_slot(slot); ++u) {
      const double value = at.trace.values[slot][at.row * shape.width_of_slot(slot) + u];
      double& after = d.after[slot][u];
      if (shape.state_clip > 0 && std::abs(value) >= shape.state_clip) after = 0;
      const double kept = at.kept(slot, u);
      d.before[slot][u] = kept * after;
      after *= 1 - kept;
    }
  }
}

// d_gates of one gate of one row: from gradients of what next() took to those of the sum of products.
void normalise_gate_backward(const Moment& at, std::size_t s, std::size_t g, double* d, ReferenceTensors& gradients) {
  const Layer& layer = at.layer;
  const std::size_t width = layer.width(s);
  const double* x = &at.trace.normalised[s][at.row * layer.shape.gate_stride(s) + g * width];
  const std::size_t parameter = layer.shape.norm_offset(s) + g * width;
  double mean = 0, slope = 0;
  for (std::size_t u = 0; u < width; ++u) {
    gradients.gain[parameter + u] += d[u] * x[u];
    gradients.shift[parameter + u] += d[u];
    d[u] *= layer.tensors.gain[parameter + u];
    mean += d[u] / static_cast<double>(width);
    slope += d[u] * x[u] / static_cast<double>(width);
  }
  const double factor = at.trace.factor[s][at.row * layer.cell.stages[s].gates.size() + g];
  for (std::size_t u = 0; u < width; ++u) d[u] = factor * (d[u] - mean - x[u] * slope);
}

// Gradients of the gates of a stage, of what it reads and of its units' parameters.
Doubles backward_cell(const Moment& at, std::size_t s, StateGradients& d, ReferenceTensors& gradients) {
  const Layer& layer = at.layer;
  const StageInfo& stage = layer.cell.stages[s];
  Doubles d_gates(layer.shape.gate_stride(s));
  for (std::size_t u = 0; u < layer.width(s); ++u) {
    const Doubles in = at.arguments(s, u);
    Doubles d_in(in.size()), d_out;
    for (const std::size_t slot : stage.writes) d_out.push_back(d.after[slot][u]);
    stage.reference_backward(in.data(), d_out.data(), d_in.data());
    const double* next = d_in.data();
    for (std::size_t g = 0; g < stage.gates.size(); ++g) d_gates[g * layer.width(s) + u] = *next++;
    for (const std::size_t slot : stage.reads) (layer.is_state(slot) ? d.before : d.after)[slot][u] += *next++;
    for (const std::size_t unit : stage.units) gradients.unit[unit][u] += *next++;
  }
  return d_gates;
}

void backward_stage(const Moment& at, std::size_t s, StateGradients& d, ReferenceGradients& gradients) {
  const Layer& layer = at.layer;
  const StageInfo& stage = layer.cell.stages[s];
  const std::size_t width = layer.width(s);
  Doubles d_gates = backward_cell(at, s, d, gradients.tensors);
  for (std::size_t g = 0; g < stage.gates.size() && layer.shape.layer_norm; ++g) {
    normalise_gate_backward(at, s, g, &d_gates[g * width], gradients.tensors);
  }
  for (const auto& product : stage.products) {
    const Doubles source = at.source(product.source, layer.shape.columns_of_weight(product.weight));
    const auto slot = static_cast<std::size_t>(product.source);
    double* d_source = product.source == StageInfo::kInput ? &gradients.input[at.row * layer.shape.input]
                                                           : (layer.is_state(slot) ? d.before : d.after)[slot].data();
    for (std::size_t i = 0; i < product.gates.size(); ++i) {
      for (std::size_t u = 0; u < width; ++u) {
        const std::size_t r = (product.first_row + i) * width + u;
        const double d_gate = d_gates[product.gates[i] * width + u];
        if (layer.cell.weights[product.weight].bias) gradients.tensors.bias[product.weight][r] += d_gate;
        for (std::size_t k = 0; k < source.size(); ++k) {
          const std::size_t e = layer.element(product.weight, r, k);
          gradients.tensors.weight[product.weight][e] += d_gate * source[k];
          d_source[k] += d_gate * layer.tensors.weight[product.weight][e] * at.mask(product.source, k);
        }
      }
    }
  }
}

}  // namespace

ReferenceTensors zero_tensors(const LayerShape& shape) {
  const CellInfo& cell = *shape.cell;
  ReferenceTensors tensors;
  for (std::size_t w = 0; w < cell.weights.size(); ++w) {
    tensors.weight.emplace_back(shape.rows_of_weight(w) * shape.columns_of_weight(w));
    tensors.bias.emplace_back(cell.weights[w].bias ? shape.rows_of_weight(w) : 0);
  }
  for (const CellInfo::Unit& unit : cell.units) tensors.unit.emplace_back(shape.width(unit.width));
  if (shape.layer_norm) tensors.gain = tensors.shift = Doubles(shape.norm_offset(cell.stages.size()));
  return tensors;
}

ReferenceTrace reference_forward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                 const ReferenceInput& input, const std::vector<Doubles>& initial) {
  const Layer layer{shape, tensors, steps};
  ReferenceTrace trace;
  trace.input = input;
  trace.input.dense = dense_input(shape, steps, input);
  trace.initial = initial;
  for (std::size_t s = 0; s < layer.cell.stages.size(); ++s) {
    trace.gates.emplace_back(steps.total() * shape.gate_stride(s));
    trace.normalised.emplace_back(shape.layer_norm ? trace.gates.back().size() : 0);
    trace.factor.emplace_back(steps.total() * layer.cell.stages[s].gates.size());
  }
  for (std::size_t slot = 0; slot < layer.cell.slots.size(); ++slot) {
    trace.values.emplace_back(steps.total() * shape.width_of_slot(slot));
  }
  for (std::size_t b = 0; b < steps.batch(); ++b) {
    for (std::size_t index = 0; index < steps.length_of(b); ++index) {
      const Moment at(layer, trace, b, index);
      for (std::size_t s = 0; s < layer.cell.stages.size(); ++s) forward_stage(at, s, trace);
      update_states(at, trace);
    }
  }
  return trace;
}

Doubles reference_last_state(const LayerShape& shape, const Steps& steps, const ReferenceTrace& trace,
                             std::size_t slot) {
  const std::size_t width = shape.width_of_slot(slot);
  Doubles last;
  for (std::size_t b = 0; b < steps.batch(); ++b) {
    const std::size_t t = shape.reverse ? 0 : steps.length_of(b) - 1;
    const double* state = &trace.values[slot][(steps.offset(t) + b) * width];
    last.insert(last.end(), state, state + width);
  }
  return last;
}

ReferenceGradients reference_backward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                      const ReferenceTrace& trace, const Doubles& output,
                                      const std::vector<Doubles>& last) {
  const Layer layer{shape, tensors, steps};
  const auto width = [&](std::size_t slot) { return shape.width_of_slot(slot); };
  ReferenceGradients gradients{zero_tensors(shape), Doubles(trace.input.dense.size()), {}};
  for (std::size_t s = 0; s < layer.cell.states; ++s) gradients.initial.emplace_back(steps.batch() * width(s));
  for (std::size_t b = 0; b < steps.batch(); ++b) {
    StateGradients d;
    for (std::size_t s = 0; s < layer.cell.states; ++s) {
      d.before.emplace_back(&last[s][b * width(s)], &last[s][b * width(s)] + width(s));
    }
    for (std::size_t index = steps.length_of(b); index-- > 0;) {
      const Moment at(layer, trace, b, index);
      d.after = d.before;
      for (std::size_t slot = layer.cell.states; slot < layer.cell.slots.size(); ++slot) {
        d.after.emplace_back(width(slot));
      }
      for (std::size_t u = 0; u < width(0); ++u) d.after[0][u] += output[at.row * width(0) + u];
      update_states_backward(at, d);
      for (std::size_t s = layer.cell.stages.size(); s-- > 0;) backward_stage(at, s, d, gradients);
    }
    for (std::size_t s = 0; s < layer.cell.states; ++s) {
      std::copy(d.before[s].begin(), d.before[s].end(), &gradients.initial[s][b * width(s)]);
    }
  }
  return gradients;
}

}  // namespace recur
