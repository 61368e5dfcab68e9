// Recurrent layers on top of each other: layer l's input is layer l - 1's output. No layers put out what they read,
// which then are numbers. Parameters have PyTorch's names: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0,
// weight_ih_l0_reverse, ...; those of one number a unit are weight_ci_l0, gain and shift of layer normalisation
// weight_ln_l0 and bias_ln_l0, learned initial states state_h_l0, gates of highways weight_highway_l1 and
// bias_highway_l1.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "nn/parameters.h"
#include "nn/run.h"
#include "nn/stack_state.h"
#include "recur/types/network.h"

namespace recur {

// A direction of a layer.
struct LayerResult {
  RecurrentResult run;
  LayerShape shape;
};

struct StackResult {
  Var output;                           // of the last layer, after dropout, [total, output_width()]
  Var last;                             // the same before dropout
  std::span<const LayerResult> layers;  // layer after layer, for each its directions
  const Steps* steps = nullptr;         // of the outputs: fewer than were read where only each n-th goes on
};

// What layers have read of a batch, for whoever makes something of it: their outputs [total, width] and their last
// states (RunOptions::keep_last).
struct Encoding {
  StackResult stack;
  const Steps* steps = nullptr;
};

// Weights packed once, for as long as the parameters do not change.
using PackedStack = std::vector<PackedLayer>;

// How a stack is run.
struct RunOptions {
  const PackedStack* packed = nullptr;  // null: packed for this run
  bool keep_state_gradients = false;    // see RecurrentResult
  bool keep_last = false;               // see RecurrentResult
  bool keep_gates = false;              // see RecurrentInput
  // The states before the first step, layer after layer, each [batch, width], in the place of those of StackState; of
  // a stack that runs in one direction. Gradients flow into them.
  const std::vector<Var>* initial = nullptr;
};

class RecurrentStack {
 public:
  // Declares its parameters, their names beginning with `prefix`. The input is `input` numbers a step or, one-hot, an
  // index below `input`. Throws Error naming the flag of an option that makes no sense.
  RecurrentStack(const RecurrentOptions& options, std::size_t input, bool one_hot, Parameters& parameters,
                 const std::string& prefix);

  const RecurrentOptions& options() const { return options_; }
  const CellInfo& cell() const { return *cell_; }
  std::size_t layers() const { return options_.layers; }
  std::size_t directions() const { return options_.bidirectional ? 2 : 1; }
  // Of a step's output: both directions side by side; of no layers the input's.
  std::size_t output_width() const { return layers() == 0 ? input_ : layer_width_ * directions(); }
  LayerShape shape(std::size_t layer, std::size_t direction) const;
  // Of its output, for so many of its input.
  std::size_t output_steps(std::size_t steps) const {
    for (std::size_t layer = 1; layer < layers(); ++layer) steps = (steps + options_.every - 1) / options_.every;
    return steps;
  }
  // Steps of its input that a layer sees at once.
  std::size_t window() const { return window_; }
  // The gate of the highway around a layer, from layer 1 on.
  struct HighwayIds {
    Parameters::Id weight = 0, bias = 0;
  };
  const HighwayIds& highway(std::size_t layer) const { return highways_[layer - 1]; }
  StateLayout state_layout() const;
  // The parameter that a state of the forward direction begins as; nothing where it begins with the cell's first value.
  std::optional<Parameters::Id> learned_start(std::size_t layer, std::size_t slot) const;

  PackedStack pack(const Parameters& parameters, Arena& arena) const;
  // A layer's weights for one run, as far as they are not dropped, and where their gradients go; the memory is the
  // tape's.
  struct LayerWeights {
    PackedLayer packed;
    LayerTensors<float> gradients;
  };
  LayerWeights weights(const Run& run, std::size_t layer, std::size_t direction) const;
  // What training draws for a layer's states.
  LayerNoise draw_noise(const Run& run, const Steps& steps, std::size_t layer, std::size_t direction) const;
  // Makes the state what it is before the first step, as values to be read or changed.
  void start(const Parameters& parameters, StackState& state) const;

  // Runs all layers from `state` and leaves the states after the last step of each sequence in it. x is [total, input].
  StackResult forward(const Run& run, Var x, const Steps& steps, StackState& state, const RunOptions& how = {}) const;
  StackResult forward(const Run& run, std::span<const int> indices, const Steps& steps, StackState& state,
                      const RunOptions& how = {}) const;

  // Adds the gradients of the activation penalties, which go with a loss whose gradient is that of its mean over all
  // predictions times `scale`. None where the noise is silent: nothing is trained there.
  void penalise(const Run& run, const StackResult& result, const Steps& steps, float scale) const;

  // Throws Error if a state that comes from a file holds inputs that are none of this stack's.
  void check_state(StackState& state) const;

 private:
  // The parameters of one direction of a layer.
  struct LayerIds {
    std::vector<Parameters::Id> weights, units;
    std::vector<std::optional<Parameters::Id>> biases, starts;
    Parameters::Id gain = 0, shift = 0;
  };
  struct LayerInputs;

  void check_options() const;
  // Whether some product multiplies a state.
  bool multiplies(std::size_t slot) const;
  LayerIds declare_layer(std::size_t layer, std::size_t direction, Parameters& parameters,
                         const std::string& prefix) const;
  InitialValues initial_weight(const LayerShape& shape, std::size_t weight) const;
  void set_forget_bias(const LayerIds& ids, const LayerShape& shape, Parameters& parameters) const;
  const LayerIds& ids(std::size_t layer, std::size_t direction) const {
    return layers_[layer * directions() + direction];
  }
  LayerTensors<const float> values(const Parameters& parameters, std::size_t layer, std::size_t direction) const;
  LayerTensors<float> gradients(const Parameters& parameters, std::size_t layer, std::size_t direction) const;

  StackResult run_layers(const Run& run, std::span<const int> indices, Var x, const Steps& steps, StackState& state,
                         const RunOptions& how) const;
  RecurrentResult run_layer(const Run& run, const LayerInputs& inputs, std::size_t layer, std::size_t direction) const;
  void keep_state(const LayerResult& result, std::size_t layer, const LayerInputs& inputs, const Tape& tape) const;

  RecurrentOptions options_;
  const CellInfo* cell_;
  std::size_t input_;
  bool one_hot_;
  std::size_t window_, layer_width_;
  std::vector<LayerIds> layers_;      // layer after layer, for each its directions
  std::vector<HighwayIds> highways_;  // from layer 1 on
};

// Dropout of what layers read or put out, as the options of a stack have it: of each element or, variational, of each
// sequence.
Var drop(const Run& run, Var x, const Steps& steps, const RecurrentOptions& options);

// Which kernel runs a layer on this machine, and why.
std::string describe_kernel(const LayerShape& shape);

}  // namespace recur
