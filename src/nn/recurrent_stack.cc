#include "nn/recurrent_stack.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "autograd/arrange.h"
#include "base/error.h"
#include "kernels/noise.h"

namespace recur {
namespace {

// [rows, width], each row the same.
const float* repeat_rows(const float* row, std::size_t width, std::size_t rows, Arena& arena) {
  float* all = arena.take<float>(rows, width).data();
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(row, width, all + r * width);
  return all;
}

}  // namespace

// What all directions of a layer have in common while it runs.
struct RecurrentStack::LayerInputs {
  Var x;
  std::span<const int> indices;
  const Steps& steps;
  StackState& state;
  const RunOptions& how;
};

StateLayout RecurrentStack::state_layout() const {
  StateLayout layout{cell_->states, {}};
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    const LayerShape s = shape(layer, 0);
    for (std::size_t slot = 0; slot < cell_->states; ++slot) layout.widths.push_back(s.width_of_slot(slot));
    layout.widths.push_back((window_ - 1) * (s.one_hot ? 1 : s.input / window_));
  }
  return layout;
}

std::optional<Parameters::Id> RecurrentStack::learned_start(std::size_t layer, std::size_t slot) const {
  return options_.learned_state ? ids(layer, 0).starts[slot] : std::nullopt;
}

PackedStack RecurrentStack::pack(const Parameters& parameters, Arena& arena) const {
  PackedStack packed;
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    for (std::size_t d = 0; d < directions(); ++d) {
      packed.push_back(pack_layer(shape(layer, d), values(parameters, layer, d), arena));
    }
  }
  return packed;
}

RecurrentStack::LayerWeights RecurrentStack::weights(const Run& run, std::size_t layer, std::size_t direction) const {
  LayerWeights result{{}, gradients(run.parameters, layer, direction)};
  LayerTensors<const float> tensors = values(run.parameters, layer, direction);
  const Noise noise = run.noise.child("weights").child(layer).child(direction);
  for (std::size_t w = 0; w < cell_->weights.size(); ++w) {
    if (cell_->weights[w].from_input) continue;
    const Parameter dropped =
        drop_weights(run.tape, run[ids(layer, direction).weights[w]], options_.weight_drop, noise.child(w));
    tensors.weight[w] = dropped.value;
    result.gradients.weight[w] = dropped.gradient;
  }
  result.packed = pack_layer(shape(layer, direction), tensors, run.tape.arena());
  return result;
}

LayerNoise RecurrentStack::draw_noise(const Run& run, const Steps& steps, std::size_t layer,
                                      std::size_t direction) const {
  LayerNoise noise;
  if (!run.tape.recording() || !run.noise.active()) return noise;
  const LayerShape s = shape(layer, direction);
  // [rows, width of the state]
  const auto draw = [&](std::string_view name, std::size_t slot, std::size_t rows, float rate, float dropped,
                        float kept) {
    const std::span<float> mask = run.tape.arena().take<float>(rows, s.width_of_slot(slot));
    const Noise own = run.noise.child(name).child(layer).child(direction).child(slot);
    draw_mask(own.stream(), own.position(), rate, dropped, kept, mask);
    return mask.data();
  };
  for (std::size_t slot = 0; slot < cell_->states; ++slot) {
    const float zoneout = s.zoneout_of(slot);
    if (zoneout > 0) noise.keep[slot] = draw("zoneout", slot, steps.total(), zoneout, 1, 0);
    if (options_.state_dropout > 0 && multiplies(slot)) {
      const float rate = options_.state_dropout;
      noise.mask[slot] = draw("states", slot, steps.batch(), rate, 0, 1 / (1 - rate));
    }
  }
  return noise;
}

bool RecurrentStack::multiplies(std::size_t slot) const {
  return std::ranges::any_of(cell_->stages, [slot](const StageInfo& stage) {
    return std::ranges::any_of(stage.products, [slot](const auto& p) { return p.source == static_cast<int>(slot); });
  });
}

RecurrentResult RecurrentStack::run_layer(const Run& run, const LayerInputs& inputs, std::size_t layer,
                                          std::size_t direction) const {
  Tape& tape = run.tape;
  const LayerShape s = shape(layer, direction);
  const Steps& steps = inputs.steps;
  const bool fresh = direction == 1 || inputs.state.fresh();
  const LayerWeights own = inputs.how.packed == nullptr
                               ? weights(run, layer, direction)
                               : LayerWeights{(*inputs.how.packed)[layer * directions() + direction],
                                              gradients(run.parameters, layer, direction)};

  RecurrentInput input;
  std::array<const float*, kMostSlots> initial{};
  std::array<float*, kMostSlots> start{};
  const std::vector<Var>* given = inputs.how.initial;
  assert(given == nullptr || (directions() == 1 && given->size() == layers() * cell_->states));
  if (given != nullptr) input.initial_vars = {given->data() + layer * cell_->states, cell_->states};
  for (std::size_t slot = 0; slot < cell_->states && given == nullptr; ++slot) {
    if (!fresh) {
      initial[slot] = inputs.state.of(layer, slot).data();
    } else if (options_.learned_state && cell_->first_values[slot] == FirstValue::any) {
      const Parameter p = run[*ids(layer, direction).starts[slot]];
      initial[slot] = repeat_rows(p.value, p.columns, steps.batch(), tape.arena());
      start[slot] = p.gradient;
    }
  }
  Window window{window_, direction == 1, fresh ? nullptr : inputs.state.inputs(layer).data()};
  Var x = inputs.x;
  if (s.one_hot) {
    input.indices = inputs.indices;
    if (window_ > 1) input.indices = look_back(tape, inputs.indices, input_, steps, window);
  } else {
    if (window_ > 1) x = look_back(tape, x, steps, window);
    input.x = &x;
  }
  input.noise = draw_noise(run, steps, layer, direction);
  input.initial = initial;
  input.start = start;
  input.keep_last = inputs.how.keep_last;
  input.keep_state_gradients = inputs.how.keep_state_gradients;
  input.keep_gates = inputs.how.keep_gates;
  return recurrent(tape, own.packed, own.gradients, input, steps);
}

Var drop(const Run& run, Var x, const Steps& steps, const RecurrentOptions& options) {
  return options.variational ? sequence_dropout(run.tape, x, steps, options.dropout, run.noise)
                             : dropout(run.tape, x, options.dropout, run.noise);
}

StackResult RecurrentStack::run_layers(const Run& run, std::span<const int> indices, Var x, const Steps& all,
                                       StackState& state, const RunOptions& how) const {
  Tape& tape = run.tape;
  const Run after = run.child("after");
  const std::span<LayerResult> results = tape.arena().take<LayerResult>(layers(), directions());
  StackResult result;
  result.steps = &all;
  result.last = x;
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    if (layer > 0 && options_.every > 1) x = keep_each(tape, x, result.steps, options_.every);
    const LayerInputs inputs{x, indices, *result.steps, state, how};
    const std::span<LayerResult> here = results.subspan(layer * directions(), directions());
    for (std::size_t d = 0; d < directions(); ++d) {
      here[d] = {run_layer(run, inputs, layer, d), shape(layer, d)};
    }
    Var y = directions() == 2 ? side_by_side(tape, here[0].run.output, here[1].run.output) : here[0].run.output;
    keep_state(here[0], layer, inputs, tape);
    if (layer > 0 && options_.connection == Connection::residual) y = add(tape, x, y);
    if (layer > 0 && options_.connection == Connection::highway) {
      const HighwayIds& gate = highway(layer);
      y = recur::highway(tape, linear(tape, x, run[gate.weight], run[gate.bias]), y, x);
    }
    result.last = y;
    x = drop(after.child(layer), y, *result.steps, options_);
  }
  state.set_carried();
  result.output = x;
  result.layers = results;
  return result;
}

// Leaves a layer's states after the last step of each sequence, and its last inputs, in the state.
void RecurrentStack::keep_state(const LayerResult& result, std::size_t layer, const LayerInputs& inputs,
                                const Tape& tape) const {
  for (std::size_t slot = 0; slot < cell_->states; ++slot) {
    copy_last_state(result.shape, result.run.trace, slot, inputs.state.of(layer, slot).data());
  }
  if (window_ == 1) return;
  if (result.shape.one_hot) {
    keep_inputs(inputs.steps, window_, inputs.indices, inputs.state.inputs(layer));
  } else {
    const Matrix x = tape.value(inputs.x);
    keep_inputs(inputs.steps, window_, x.columns, x.data, inputs.state.inputs(layer));
  }
}

void RecurrentStack::check_state(StackState& state) const {
  if (!one_hot_ || window_ == 1) return;
  for (const float kept : state.inputs(0)) {  // one more than an index
    if (!(kept >= 0 && kept <= static_cast<float>(input_)) || kept != std::floor(kept)) {
      fail("its carried state holds the input {}; expected a whole number from 0 to {}", kept, input_);
    }
  }
}

void RecurrentStack::start(const Parameters& parameters, StackState& state) const {
  state.clear();
  state.set_carried();
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    for (std::size_t slot = 0; slot < cell_->states; ++slot) {
      const std::span<float> to = state.of(layer, slot);
      std::ranges::fill(to, cell_->first_value(slot));
      if (!options_.learned_state || cell_->first_values[slot] != FirstValue::any) continue;
      const float* value = parameters.value(*ids(layer, 0).starts[slot]);
      const std::size_t width = to.size() / state.batch();
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = value[i % width];
    }
  }
}

StackResult RecurrentStack::forward(const Run& run, Var x, const Steps& steps, StackState& state,
                                    const RunOptions& how) const {
  assert(!one_hot_);
  return run_layers(run, {}, x, steps, state, how);
}

StackResult RecurrentStack::forward(const Run& run, std::span<const int> indices, const Steps& steps, StackState& state,
                                    const RunOptions& how) const {
  assert(one_hot_);
  return run_layers(run, indices, {}, steps, state, how);
}

void RecurrentStack::penalise(const Run& run, const StackResult& result, const Steps& steps, float scale) const {
  if (!run.noise.active()) return;
  penalise_activation(run.tape, result.output, scale * options_.activation_penalty);
  penalise_change(run.tape, result.last, steps, scale * options_.temporal_penalty);
}

}  // namespace recur
