#include "nn/recurrent_stack.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "autograd/arrange.h"
#include "base/error.h"
#include "kernels/noise.h"

namespace recur {
namespace {

// Streams of random numbers: the dropout after layer l draws from l + 1 (0 is the embedding's), the rest from here on.
constexpr std::uint32_t kMaskStream = 1U << 16, kKeepStream = 2U << 16, kWeightStream = 3U << 16;

// One stream for each direction of a layer and each of its states or weights.
std::uint32_t stream_of(std::uint32_t first, std::size_t layer, std::size_t direction, std::size_t item) {
  return first + static_cast<std::uint32_t>((layer * 2 + direction) * kMostSlots + item);
}

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
  const StackRun& run;
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

PackedStack RecurrentStack::pack(const Parameters& parameters, Arena& arena) const {
  PackedStack packed;
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    for (std::size_t d = 0; d < directions(); ++d) {
      packed.push_back(pack_layer(shape(layer, d), values(parameters, layer, d), arena));
    }
  }
  return packed;
}

RecurrentStack::LayerWeights RecurrentStack::weights(Tape& tape, const Parameters& parameters, const NoiseSource& noise,
                                                     std::size_t layer, std::size_t direction) const {
  LayerWeights result{{}, gradients(parameters, layer, direction)};
  LayerTensors<const float> tensors = values(parameters, layer, direction);
  for (std::size_t w = 0; w < cell_->weights.size(); ++w) {
    if (cell_->weights[w].from_input) continue;
    const Parameter dropped = drop_weights(tape, parameters[ids(layer, direction).weights[w]], options_.weight_drop,
                                           noise, stream_of(kWeightStream, layer, direction, w));
    tensors.weight[w] = dropped.value;
    result.gradients.weight[w] = dropped.gradient;
  }
  result.packed = pack_layer(shape(layer, direction), tensors, tape.arena());
  return result;
}

LayerNoise RecurrentStack::draw_noise(Tape& tape, const NoiseSource& source, const Steps& steps, std::size_t layer,
                                      std::size_t direction) const {
  LayerNoise noise;
  if (!tape.recording() || !source.active) return noise;
  const LayerShape s = shape(layer, direction);
  const auto draw = [&](std::uint32_t stream, std::size_t slot, std::size_t rows, float rate, float dropped,
                        float kept) {
    const std::span<float> mask = tape.arena().take<float>(rows, s.width_of_slot(slot));
    draw_mask(source.stream(stream_of(stream, layer, direction, slot)), source.position(), rate, dropped, kept, mask);
    return mask.data();
  };
  for (std::size_t slot = 0; slot < cell_->states; ++slot) {
    const float zoneout = s.zoneout_of(slot);
    if (zoneout > 0) noise.keep[slot] = draw(kKeepStream, slot, steps.total(), zoneout, 1, 0);
    if (options_.state_dropout > 0 && multiplies(slot)) {
      const float rate = options_.state_dropout;
      noise.mask[slot] = draw(kMaskStream, slot, steps.batch(), rate, 0, 1 / (1 - rate));
    }
  }
  return noise;
}

bool RecurrentStack::multiplies(std::size_t slot) const {
  return std::ranges::any_of(cell_->stages, [slot](const StageInfo& stage) {
    return std::ranges::any_of(stage.products, [slot](const auto& p) { return p.source == static_cast<int>(slot); });
  });
}

RecurrentResult RecurrentStack::run_layer(Tape& tape, const Parameters& parameters, const LayerInputs& inputs,
                                          std::size_t layer, std::size_t direction) const {
  const LayerShape s = shape(layer, direction);
  const Steps& steps = inputs.steps;
  const bool fresh = direction == 1 || inputs.state.fresh();
  const LayerWeights own = inputs.run.packed == nullptr
                               ? weights(tape, parameters, inputs.run.noise, layer, direction)
                               : LayerWeights{(*inputs.run.packed)[layer * directions() + direction],
                                              gradients(parameters, layer, direction)};

  RecurrentInput input;
  std::array<const float*, kMostSlots> initial{};
  std::array<float*, kMostSlots> start{};
  const std::vector<Var>* given = inputs.run.initial;
  assert(given == nullptr || (directions() == 1 && given->size() == layers() * cell_->states));
  if (given != nullptr) input.initial_vars = {given->data() + layer * cell_->states, cell_->states};
  for (std::size_t slot = 0; slot < cell_->states && given == nullptr; ++slot) {
    if (!fresh) {
      initial[slot] = inputs.state.of(layer, slot).data();
    } else if (options_.learned_state && cell_->first_values[slot] == FirstValue::any) {
      const Parameter p = parameters[*ids(layer, direction).starts[slot]];
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
  input.noise = draw_noise(tape, inputs.run.noise, steps, layer, direction);
  input.initial = initial;
  input.start = start;
  input.keep_last = inputs.run.keep_last;
  input.keep_state_gradients = inputs.run.keep_state_gradients;
  input.keep_gates = inputs.run.keep_gates;
  return recurrent(tape, own.packed, own.gradients, input, steps);
}

Var RecurrentStack::drop(Tape& tape, Var x, const Steps& steps, const NoiseSource& noise, std::size_t layer) const {
  const auto index = static_cast<std::uint32_t>(layer + 1);
  return options_.variational ? sequence_dropout(tape, x, steps, options_.dropout, noise, index)
                              : dropout(tape, x, options_.dropout, noise, index);
}

StackResult RecurrentStack::run_layers(Tape& tape, const Parameters& parameters, std::span<const int> indices, Var x,
                                       const Steps& steps, StackState& state, const StackRun& run) const {
  const std::span<LayerResult> results = tape.arena().take<LayerResult>(layers(), directions());
  StackResult result;
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    const LayerInputs inputs{x, indices, steps, state, run};
    const std::span<LayerResult> here = results.subspan(layer * directions(), directions());
    for (std::size_t d = 0; d < directions(); ++d) {
      here[d] = {run_layer(tape, parameters, inputs, layer, d), shape(layer, d)};
    }
    Var y = directions() == 2 ? side_by_side(tape, here[0].run.output, here[1].run.output) : here[0].run.output;
    keep_state(here[0], layer, inputs, tape);
    if (layer > 0 && options_.connection == Connection::residual) y = add(tape, x, y);
    if (layer > 0 && options_.connection == Connection::highway) {
      const HighwayIds& gate = highway(layer);
      y = recur::highway(tape, linear(tape, x, parameters[gate.weight], parameters[gate.bias]), y, x);
    }
    result.last = y;
    x = drop(tape, y, steps, run.noise, layer);
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

StackResult RecurrentStack::forward(Tape& tape, const Parameters& parameters, Var x, const Steps& steps,
                                    StackState& state, const StackRun& run) const {
  assert(!one_hot_);
  return run_layers(tape, parameters, {}, x, steps, state, run);
}

StackResult RecurrentStack::forward(Tape& tape, const Parameters& parameters, std::span<const int> indices,
                                    const Steps& steps, StackState& state, const StackRun& run) const {
  assert(one_hot_);
  return run_layers(tape, parameters, indices, {}, steps, state, run);
}

void RecurrentStack::penalise(Tape& tape, const StackResult& result, const Steps& steps, float scale) const {
  penalise_activation(tape, result.output, scale * options_.activation_penalty);
  penalise_change(tape, result.last, steps, scale * options_.temporal_penalty);
}

}  // namespace recur
