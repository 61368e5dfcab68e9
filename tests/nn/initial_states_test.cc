// States of a stack as values that gradients flow through: an encoder's last states begin a decoder.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "autograd/readout.h"
#include "nn/first_states.h"
#include "nn/recurrent_stack.h"
#include "support/gradient_check.h"

namespace recur::initial_states_test {
namespace {

constexpr std::size_t kInput = 2, kHidden = 3, kBatch = 3, kLayers = 2;

class Translation {
 public:
  explicit Translation(const RecurrentOptions& options)
      : encoder_(options, kInput, false, parameters_, "encoder."),
        decoder_(options, kInput, false, parameters_, "decoder.") {
    parameters_.allocate();
    parameters_.initialise(3, 1.0F);
  }

  std::size_t states() const { return kLayers * encoder_.cell().states; }
  const Steps& source() const { return source_; }
  const Steps& target() const { return target_; }

  // The squared length of the decoder's output and last states.
  double run(Tape& tape, Var x, Var y, const std::vector<Var>& initial) {
    StackState state(encoder_.state_layout(), kBatch);
    const StackResult encoded = encoder_.forward({tape, parameters_, Noise::silent()}, x, source_, state,
                                                 {.keep_last = true, .initial = &initial});
    const std::vector<Var> between = last_states(encoded);
    const StackResult decoded = decoder_.forward({tape, parameters_, Noise::silent()}, y, target_, state,
                                                 {.keep_last = true, .initial = &between});
    zeros_.assign(target_.total() * kHidden, 0.0F);
    double sum = squared_error(tape, decoded.output, zeros_, 1);
    for (const Var& last : last_states(decoded)) sum += squared_error(tape, last, {zeros_.data(), kBatch * kHidden}, 1);
    return sum;
  }

 private:
  std::vector<Var> last_states(const StackResult& result) const {
    std::vector<Var> all;
    for (const LayerResult& layer : result.layers) {
      for (std::size_t slot = 0; slot < encoder_.cell().states; ++slot) all.push_back(layer.run.last[slot]);
    }
    return all;
  }

  Parameters parameters_;
  RecurrentStack encoder_, decoder_;
  Steps source_ = Steps::from_lengths(std::vector<std::size_t>{4, 2, 1});
  Steps target_ = Steps::from_lengths(std::vector<std::size_t>{3, 3, 1});
  std::vector<float> zeros_;
};

TEST(InitialStates, GradientsFlowFromADecoderIntoItsEncoder) {
  for (const char* cell : {"lstm", "gru", "elman"}) {
    SCOPED_TRACE(cell);
    Translation network({.cell = cell, .layers = kLayers, .hidden = kHidden, .learned_state = true});
    std::vector<std::vector<float>> arrays = {random_floats(network.source().total() * kInput, 1, 1),
                                              random_floats(network.target().total() * kInput, 1, 2)};
    for (std::size_t i = 0; i < network.states(); ++i) arrays.push_back(random_floats(kBatch * kHidden, 1, 3 + i));
    const Computation number = [&](Tape& tape, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& d) {
      std::vector<Var> given = {tape.add(a[0].data(), network.source().total(), kInput),
                                tape.add(a[1].data(), network.target().total(), kInput)};
      for (std::size_t i = 2; i < a.size(); ++i) given.push_back(tape.add(a[i].data(), kBatch, kHidden));
      const double sum = network.run(tape, given[0], given[1], {given.begin() + 2, given.end()});
      if (!tape.recording()) return sum;
      tape.backward();
      for (std::size_t i = 0; i < a.size(); ++i) std::copy_n(tape.gradient(given[i]).data, d[i].size(), d[i].begin());
      return sum;
    };
    expect_gradients(number, arrays, 2e-4);
    expect_same_on_any_threads(number, arrays);
  }
}

// Nothing but the last states counts: the node has to run for them alone.
TEST(InitialStates, GradientsFlowFromTheLastStatesAlone) {
  Parameters parameters;
  RecurrentStack stack({.cell = "gru", .layers = 1, .hidden = kHidden}, kInput, false, parameters, "");
  parameters.allocate();
  parameters.initialise(3, 1.0F);
  const Steps steps = Steps::from_lengths(std::vector<std::size_t>{4, 2, 1});
  const std::vector<float> zeros(kBatch * kHidden);
  const Computation number = [&](Tape& tape, std::vector<std::vector<float>>& a, std::vector<std::vector<float>>& d) {
    StackState state(stack.state_layout(), kBatch);
    const Var x = tape.add(a[0].data(), steps.total(), kInput);
    const StackResult result = stack.forward({tape, parameters, Noise::silent()}, x, steps, state, {.keep_last = true});
    const double sum = squared_error(tape, result.layers[0].run.last[0], zeros, 1);
    if (!tape.recording()) return sum;
    tape.backward();
    std::copy_n(tape.gradient(x).data, d[0].size(), d[0].begin());
    return sum;
  };
  expect_gradients(number, {random_floats(steps.total() * kInput, 1, 1)}, 2e-4);
}

// Of an average the sum and the count, and the largest exponent so far: none can be what a network would like it to be.
TEST(InitialStates, StatesThatBeginAtOneValueAreNotLearned) {
  Parameters parameters;
  RecurrentStack stack({.cell = "slstm", .layers = 1, .hidden = kHidden, .learned_state = true}, kInput, false,
                       parameters, "");
  const FirstStates first(stack, kInput, parameters, "");
  parameters.allocate();
  std::ranges::fill(parameters.values(), 0.5F);
  std::vector<float> v = random_floats(kBatch * kInput, 1, 1);
  Tape tape(false);
  StackState state(stack.state_layout(), kBatch);
  stack.start(parameters, state);
  const std::vector<Var> made = first.of({tape, parameters, Noise::silent()}, tape.add(v.data(), kBatch, kInput));
  ASSERT_EQ(made.size(), 4U);
  const auto all_are = [](float value, std::span<const float> values) {
    return std::ranges::all_of(values, [value](float x) { return x == value; });
  };
  const float first_values[] = {0, 0, 0, std::numeric_limits<float>::lowest()};
  for (std::size_t slot = 0; slot < 4; ++slot) {
    EXPECT_EQ(all_are(first_values[slot], state.of(0, slot)), slot > 0);
    EXPECT_EQ(all_are(first_values[slot], {tape.value(made[slot]).data, kBatch * kHidden}), slot > 0);
  }
}

// What was never added weighs nothing, however small the gates are: the first output is tanh of the candidate alone.
TEST(InitialStates, TheFirstInputIsAllThatAnAverageHasSeen) {
  for (const float zoneout : {0.0F, 0.5F}) {
    Parameters parameters;
    RecurrentStack stack({.cell = "slstm", .layers = 1, .hidden = kHidden, .zoneout_cell = zoneout}, kInput, false,
                         parameters, "");
    parameters.allocate();
    parameters.initialise(3, 0.0F);
    float* bias = parameters.values().data() + parameters.declarations()[1].offset;  // of i, f, z and o
    std::fill_n(bias, kHidden, -60.0F);
    std::fill_n(bias + 2 * kHidden, kHidden, 0.5F);
    std::fill_n(bias + 3 * kHidden, kHidden, 100.0F);
    Tape tape;
    std::vector<float> x(2 * kBatch * kInput);
    const Steps steps = Steps::rectangle(kBatch, 2);
    StackState state(stack.state_layout(), kBatch);
    const StackResult result =
        stack.forward({tape, parameters, Noise::silent()}, tape.add(x.data(), steps.total(), kInput), steps, state);
    const Matrix y = tape.value(result.output);
    for (std::size_t i = 0; i < y.rows * y.columns; ++i) EXPECT_NEAR(y.data[i], std::tanh(0.5), 1e-6);
    const std::vector<float> targets(y.rows * y.columns);
    squared_error(tape, result.output, targets, 1);
    tape.backward();
    for (const float d : parameters.gradients()) EXPECT_TRUE(std::isfinite(d));
    EXPECT_NE(parameters[1].gradient[2 * kHidden], 0);
  }
}

}  // namespace
}  // namespace recur::initial_states_test
