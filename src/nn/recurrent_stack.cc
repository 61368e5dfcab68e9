#include "nn/recurrent_stack.h"

#include <array>
#include <cmath>

namespace recur {

StackState::StackState(const RecurrentStack& stack, std::size_t batch)
    : batch_(batch), slots_(stack.options().cell->states), size_(batch * stack.options().hidden) {
  values_.assign(stack.layers() * slots_ * size_, 0.0F);
}

RecurrentStack::RecurrentStack(const StackOptions& options, Parameters& parameters, const std::string& prefix)
    : options_(options) {
  const float range = 1 / std::sqrt(static_cast<float>(options.hidden));  // as PyTorch's recurrent layers
  for (std::size_t layer = 0; layer < options.layers; ++layer) {
    std::vector<Parameters::Id> weights, biases;
    for (const CellInfo::Weight& weight : options.cell->weights) {
      const std::string suffix = "_" + weight.name + "_l" + std::to_string(layer);
      const std::size_t rows = weight.gates * options.hidden;
      const std::size_t columns = weight.from_input && layer == 0 ? options.input : options.hidden;
      const bool transposed = weight.from_input && layer == 0 && options.one_hot;
      weights.push_back(parameters.declare(prefix + "weight" + suffix, rows, columns, range, transposed));
      biases.push_back(parameters.declare(prefix + "bias" + suffix, 0, rows, range));
    }
    weights_.push_back(std::move(weights));
    biases_.push_back(std::move(biases));
  }
}

LayerShape RecurrentStack::shape(std::size_t layer) const {
  const bool first = layer == 0;
  return {options_.cell, first ? options_.input : options_.hidden, options_.hidden, first && options_.one_hot, false};
}

LayerTensors<const float> RecurrentStack::values(const Parameters& parameters, std::size_t layer) const {
  LayerTensors<const float> tensors;
  for (std::size_t w = 0; w < weights_[layer].size(); ++w) {
    tensors.weight[w] = parameters.value(weights_[layer][w]);
    tensors.bias[w] = parameters.value(biases_[layer][w]);
  }
  return tensors;
}

LayerTensors<float> RecurrentStack::gradients(Parameters& parameters, std::size_t layer) const {
  LayerTensors<float> tensors;
  for (std::size_t w = 0; w < weights_[layer].size(); ++w) {
    tensors.weight[w] = parameters[weights_[layer][w]].gradient;
    tensors.bias[w] = parameters[biases_[layer][w]].gradient;
  }
  return tensors;
}

PackedLayer RecurrentStack::pack(const Parameters& parameters, std::size_t layer, Arena& arena) const {
  return pack_layer(shape(layer), values(parameters, layer), arena);
}

StackResult RecurrentStack::run(Tape& tape, Parameters& parameters, std::span<const int> indices, Var x,
                                const Steps& steps, StackState& state, const DropoutSource& dropout) const {
  const std::span<RecurrentResult> results = tape.arena().take<RecurrentResult>(layers());
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    const PackedLayer packed = pack(parameters, layer, tape.arena());
    const LayerTensors<float> d = gradients(parameters, layer);
    std::array<const float*, kMostSlots> initial{};
    for (std::size_t slot = 0; slot < options_.cell->states; ++slot) initial[slot] = state.of(layer, slot).data();
    results[layer] = layer == 0 && options_.one_hot ? recurrent(tape, packed, d, indices, steps, initial)
                                                    : recurrent(tape, packed, d, x, steps, initial);
    for (std::size_t slot = 0; slot < options_.cell->states; ++slot) {
      copy_last_state(packed.shape, results[layer].trace, slot, state.of(layer, slot).data());
    }
    // A step's masks begin at a multiple of 2^32: no layer is that large.
    const Random random = dropout.random.at(static_cast<std::uint32_t>(layer + 1));
    x = recur::dropout(tape, results[layer].output, options_.dropout, random, dropout.step << 32);
  }
  return {x, results};
}

StackResult RecurrentStack::forward(Tape& tape, Parameters& parameters, Var x, const Steps& steps, StackState& state,
                                    const DropoutSource& dropout) const {
  return run(tape, parameters, {}, x, steps, state, dropout);
}

StackResult RecurrentStack::forward(Tape& tape, Parameters& parameters, std::span<const int> indices,
                                    const Steps& steps, StackState& state, const DropoutSource& dropout) const {
  return run(tape, parameters, indices, {}, steps, state, dropout);
}

}  // namespace recur
