#include "kernels/reference.h"

#include <algorithm>

namespace recur {
namespace {

// The layer and where its numbers lie.
struct Layer {
  const LayerShape& shape;
  const ReferenceTensors& tensors;
  const Steps& steps;
  const CellInfo& cell = *shape.cell;
  std::size_t hidden = shape.hidden;

  std::size_t rows_of(std::size_t weight) const { return cell.weights[weight].gates * hidden; }
  std::size_t columns_of(std::size_t weight) const { return cell.weights[weight].from_input ? shape.input : hidden; }
  // Element (row, column) of a weight, transposed where the layer keeps it so.
  std::size_t element(std::size_t weight, std::size_t row, std::size_t column) const {
    const bool transposed = shape.one_hot && cell.weights[weight].from_input;
    return transposed ? column * rows_of(weight) + row : row * columns_of(weight) + column;
  }
  // The step that comes `index`-th for a sequence of `length` steps.
  std::size_t step_at(std::size_t index, std::size_t length) const {
    return shape.reverse ? length - 1 - index : index;
  }
  bool is_state(std::size_t slot) const { return slot < cell.states; }
};

// The input as dense rows.
Reals dense_input(const LayerShape& shape, const Steps& steps, const ReferenceInput& input) {
  if (!shape.one_hot) return input.dense;
  Reals dense(steps.total() * shape.input);
  for (std::size_t row = 0; row < steps.total(); ++row) {
    dense[row * shape.input + static_cast<std::size_t>(input.indices[row])] = 1;
  }
  return dense;
}

// One row of the batch at one step: where what it computes from and to lies.
struct Moment {
  const Layer& layer;
  std::size_t row;
  std::vector<const double*> before;  // each state before the step, [hidden]

  Moment(const Layer& of, const ReferenceTrace& trace, std::size_t b, std::size_t index) : layer(of) {
    const std::size_t length = layer.steps.length_of(b);
    row = layer.steps.offset(layer.step_at(index, length)) + b;
    for (std::size_t s = 0; s < layer.cell.states; ++s) {
      before.push_back(index == 0 ? &trace.initial[s][b * layer.hidden]
                                  : &trace.values[s][previous_row(b, index, length) * layer.hidden]);
    }
  }
  std::size_t previous_row(std::size_t b, std::size_t index, std::size_t length) const {
    return layer.steps.offset(layer.step_at(index - 1, length)) + b;
  }
  // What a product multiplies or a stage reads: a state before the step, or a result of an earlier stage.
  const double* source(const ReferenceTrace& trace, int slot) const {
    if (slot == StageInfo::kInput) return &trace.input[row * layer.shape.input];
    const auto s = static_cast<std::size_t>(slot);
    return layer.is_state(s) ? before[s] : &trace.values[s][row * layer.hidden];
  }
  // Arguments of next() for one unit: gates, then what is read.
  Reals arguments(const ReferenceTrace& trace, std::size_t s, std::size_t unit) const {
    const StageInfo& stage = layer.cell.stages[s];
    const double* gates = &trace.gates[s][row * stage.gates.size() * layer.hidden];
    Reals in;
    for (std::size_t g = 0; g < stage.gates.size(); ++g) in.push_back(gates[g * layer.hidden + unit]);
    for (const std::size_t slot : stage.reads) in.push_back(source(trace, static_cast<int>(slot))[unit]);
    return in;
  }
};

void forward_stage(const Moment& at, std::size_t s, ReferenceTrace& trace) {
  const Layer& layer = at.layer;
  const StageInfo& stage = layer.cell.stages[s];
  double* gates = &trace.gates[s][at.row * stage.gates.size() * layer.hidden];
  for (const auto& product : stage.products) {
    const double* source = at.source(trace, product.source);
    for (std::size_t i = 0; i < product.gates.size(); ++i) {
      for (std::size_t u = 0; u < layer.hidden; ++u) {
        const std::size_t r = (product.first_row + i) * layer.hidden + u;
        double sum = layer.tensors.bias[product.weight][r];
        for (std::size_t k = 0; k < layer.columns_of(product.weight); ++k) {
          sum += layer.tensors.weight[product.weight][layer.element(product.weight, r, k)] * source[k];
        }
        gates[product.gates[i] * layer.hidden + u] += sum;
      }
    }
  }
  Reals out(stage.writes.size());
  for (std::size_t u = 0; u < layer.hidden; ++u) {
    stage.reference(at.arguments(trace, s, u).data(), out.data());
    for (std::size_t o = 0; o < out.size(); ++o) trace.values[stage.writes[o]][at.row * layer.hidden + u] = out[o];
  }
}

// after[slot] and before[slot] are the gradients of a slot after the step and of a state before it, [hidden].
void backward_stage(const Moment& at, std::size_t s, const ReferenceTrace& trace, std::vector<Reals>& after,
                    std::vector<Reals>& before, ReferenceGradients& gradients) {
  const Layer& layer = at.layer;
  const StageInfo& stage = layer.cell.stages[s];
  Reals d_gates(stage.gates.size() * layer.hidden);
  for (std::size_t u = 0; u < layer.hidden; ++u) {
    const Reals in = at.arguments(trace, s, u);
    Reals d_in(in.size()), d_out;
    for (const std::size_t slot : stage.writes) d_out.push_back(after[slot][u]);
    stage.reference_backward(in.data(), d_out.data(), d_in.data());
    for (std::size_t g = 0; g < stage.gates.size(); ++g) d_gates[g * layer.hidden + u] = d_in[g];
    for (std::size_t i = 0; i < stage.reads.size(); ++i) {
      const std::size_t slot = stage.reads[i];
      (layer.is_state(slot) ? before : after)[slot][u] += d_in[stage.gates.size() + i];
    }
  }
  for (const auto& product : stage.products) {
    const double* source = at.source(trace, product.source);
    const auto slot = static_cast<std::size_t>(product.source);
    double* d_source = product.source == StageInfo::kInput ? &gradients.input[at.row * layer.shape.input]
                                                           : (layer.is_state(slot) ? before : after)[slot].data();
    for (std::size_t i = 0; i < product.gates.size(); ++i) {
      for (std::size_t u = 0; u < layer.hidden; ++u) {
        const std::size_t r = (product.first_row + i) * layer.hidden + u;
        const double d = d_gates[product.gates[i] * layer.hidden + u];
        gradients.tensors.bias[product.weight][r] += d;
        for (std::size_t k = 0; k < layer.columns_of(product.weight); ++k) {
          const std::size_t e = layer.element(product.weight, r, k);
          gradients.tensors.weight[product.weight][e] += d * source[k];
          d_source[k] += d * layer.tensors.weight[product.weight][e];
        }
      }
    }
  }
}

}  // namespace

ReferenceTensors zero_tensors(const LayerShape& shape) {
  ReferenceTensors tensors;
  for (const auto& weight : shape.cell->weights) {
    const std::size_t rows = weight.gates * shape.hidden;
    tensors.weight.emplace_back(rows * (weight.from_input ? shape.input : shape.hidden));
    tensors.bias.emplace_back(rows);
  }
  return tensors;
}

ReferenceTrace reference_forward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                 const ReferenceInput& input, const std::vector<Reals>& initial) {
  const Layer layer{shape, tensors, steps};
  ReferenceTrace trace;
  trace.input = dense_input(shape, steps, input);
  trace.initial = initial;
  for (const StageInfo& s : layer.cell.stages) trace.gates.emplace_back(steps.total() * s.gates.size() * shape.hidden);
  trace.values.assign(layer.cell.slots.size(), Reals(steps.total() * shape.hidden));
  for (std::size_t b = 0; b < steps.batch(); ++b) {
    for (std::size_t index = 0; index < steps.length_of(b); ++index) {
      const Moment at(layer, trace, b, index);
      for (std::size_t s = 0; s < layer.cell.stages.size(); ++s) forward_stage(at, s, trace);
    }
  }
  return trace;
}

Reals reference_last_state(const LayerShape& shape, const Steps& steps, const ReferenceTrace& trace, std::size_t slot) {
  Reals last;
  for (std::size_t b = 0; b < steps.batch(); ++b) {
    const std::size_t t = shape.reverse ? 0 : steps.length_of(b) - 1;
    const double* state = &trace.values[slot][(steps.offset(t) + b) * shape.hidden];
    last.insert(last.end(), state, state + shape.hidden);
  }
  return last;
}

ReferenceGradients reference_backward(const LayerShape& shape, const ReferenceTensors& tensors, const Steps& steps,
                                      const ReferenceTrace& trace, const Reals& output,
                                      const std::vector<Reals>& last) {
  const Layer layer{shape, tensors, steps};
  ReferenceGradients gradients{zero_tensors(shape), Reals(trace.input.size()), {}};
  gradients.initial.assign(layer.cell.states, Reals(steps.batch() * shape.hidden));
  for (std::size_t b = 0; b < steps.batch(); ++b) {
    std::vector<Reals> before;
    for (const Reals& d : last) before.emplace_back(&d[b * shape.hidden], &d[b * shape.hidden] + shape.hidden);
    for (std::size_t index = steps.length_of(b); index-- > 0;) {
      const Moment at(layer, trace, b, index);
      std::vector<Reals> after = before;
      after.resize(layer.cell.slots.size(), Reals(shape.hidden));
      before.assign(layer.cell.states, Reals(shape.hidden));
      for (std::size_t u = 0; u < shape.hidden; ++u) after[0][u] += output[at.row * shape.hidden + u];
      for (std::size_t s = layer.cell.stages.size(); s-- > 0;) backward_stage(at, s, trace, after, before, gradients);
    }
    for (std::size_t s = 0; s < layer.cell.states; ++s) {
      std::copy(before[s].begin(), before[s].end(), &gradients.initial[s][b * shape.hidden]);
    }
  }
  return gradients;
}

}  // namespace recur
