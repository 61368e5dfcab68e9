#include "infer/stepper.h"

#include <array>

#include "base/error.h"

namespace recur {

Stepper::Stepper(const LanguageNetwork& network)
    : network_(network), state_(network.stack(), 1), one_(Steps::rectangle(1, 1)), logits_(network.vocabulary_size()) {
  const RecurrentStack& stack = network.stack();
  for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
    layers_.push_back(stack.pack(network.parameters(), layer, packed_));
  }
  const std::size_t hidden = stack.options().hidden;
  output_ =
      pack_transposed({network.parameters().value(network.output_weight()), logits_.size(), hidden, hidden}, packed_);
}

std::span<const float> Stepper::step(int token) {
  if (token < 0 || static_cast<std::size_t>(token) >= logits_.size()) {
    fail("token {}: expected an id from 0 to {}", token, logits_.size() - 1);
  }
  scratch_.rewind();
  LayerInput input{nullptr, &token};
  if (network_.embedding()) {
    const float* table = network_.parameters().value(*network_.embedding());
    input = {table + static_cast<std::size_t>(token) * network_.options().embedding, nullptr};
  }
  const std::size_t slots = network_.stack().options().cell->states;
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    std::array<const float*, kMostSlots> initial{};
    for (std::size_t slot = 0; slot < slots; ++slot) initial[slot] = state_.of(layer, slot).data();
    const LayerTrace trace = layer_forward(layers_[layer], one_, input, initial, scratch_);
    for (std::size_t slot = 0; slot < slots; ++slot) {
      copy_last_state(layers_[layer].shape, trace, slot, state_.of(layer, slot).data());
    }
    input = {state_.of(layer, 0).data(), nullptr};
  }
  const std::size_t hidden = network_.stack().options().hidden;
  multiply_block({input.dense, 1, hidden, hidden}, output_, 0, output_.panels(),
                 {ProductStart::From::bias, network_.parameters().value(network_.output_bias())}, logits_.data(),
                 logits_.size());
  return logits_;
}

}  // namespace recur
