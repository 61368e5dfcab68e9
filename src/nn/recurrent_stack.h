// Recurrent layers on top of each other: layer l's input is layer l - 1's output. Parameters have PyTorch's names:
// weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_ih_l1, ...
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "nn/parameters.h"

namespace recur {

struct StackOptions {
  const CellInfo* cell = nullptr;
  std::size_t layers = 1, input = 0, hidden = 0;
  bool one_hot = false;  // the first layer's input is an index below `input`, not a vector
  float dropout = 0;     // after every layer (Zaremba et al. 2014)
};

class RecurrentStack;

// The states of all layers of a batch between two windows of steps: a value, not a Var, so that what comes after is
// detached from what came before (truncated backpropagation through time).
class StackState {
 public:
  // Zero states.
  StackState(const RecurrentStack& stack, std::size_t batch);

  std::size_t batch() const { return batch_; }
  // State `slot` of a layer, [batch, hidden].
  std::span<float> of(std::size_t layer, std::size_t slot) { return {values_.data() + at(layer, slot), size_}; }
  std::span<const float> of(std::size_t layer, std::size_t slot) const {
    return {values_.data() + at(layer, slot), size_};
  }
  std::span<float> all() { return values_; }
  std::span<const float> all() const { return values_; }
  void clear() { values_.assign(values_.size(), 0.0F); }

 private:
  std::size_t at(std::size_t layer, std::size_t slot) const { return (layer * slots_ + slot) * size_; }

  std::size_t batch_, slots_, size_;
  std::vector<float> values_;
};

struct StackResult {
  Var output;                               // the last layer's output after dropout, [total, hidden]
  std::span<const RecurrentResult> layers;  // every state of every layer and step
};

// Where dropout draws from: the same step draws the same masks.
struct DropoutSource {
  Random random;
  std::uint64_t step;
};

class RecurrentStack {
 public:
  // Declares its parameters, their names beginning with `prefix`.
  RecurrentStack(const StackOptions& options, Parameters& parameters, const std::string& prefix);

  const StackOptions& options() const { return options_; }
  std::size_t layers() const { return options_.layers; }
  LayerShape shape(std::size_t layer) const;

  PackedLayer pack(const Parameters& parameters, std::size_t layer, Arena& arena) const;

  // Runs all layers from `state` and leaves the states after the last step of each sequence in it.
  StackResult forward(Tape& tape, Parameters& parameters, Var x, const Steps& steps, StackState& state,
                      const DropoutSource& dropout) const;
  StackResult forward(Tape& tape, Parameters& parameters, std::span<const int> indices, const Steps& steps,
                      StackState& state, const DropoutSource& dropout) const;

 private:
  StackResult run(Tape& tape, Parameters& parameters, std::span<const int> indices, Var x, const Steps& steps,
                  StackState& state, const DropoutSource& dropout) const;
  LayerTensors<const float> values(const Parameters& parameters, std::size_t layer) const;
  LayerTensors<float> gradients(Parameters& parameters, std::size_t layer) const;

  StackOptions options_;
  std::vector<std::vector<Parameters::Id>> weights_, biases_;  // [layer][weight]
};

}  // namespace recur
