// A layer that is run one step a call does what it does in one run.
#include "nn/stepped_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/cells.h"
#include "support/gradient_check.h"

namespace recur::stepped_layer_test {
namespace {

constexpr std::size_t kInput = 3, kRows = 4, kSteps = 5;

struct Layer {
  explicit Layer(const RecurrentOptions& options) : stack(options, kInput, false, parameters, "") {
    parameters.allocate();
    parameters.initialise(3, 0.5F);  // states before the first step, too
  }

  struct Result {
    std::vector<float> output, gradients;
  };
  Result finish(Tape& tape, std::span<const Var> outputs) {
    std::ranges::fill(parameters.gradients(), 0.0F);
    Result result;
    for (const Var y : outputs) {
      const Matrix value = tape.value(y);
      result.output.insert(result.output.end(), value.data, value.data + value.rows * value.columns);
      const std::vector<float> wanted = random_floats(value.rows * value.columns, 1, 5);
      for (std::size_t i = 0; i < wanted.size(); ++i) tape.gradient(y).data[i] += wanted[i % (kRows * width())];
    }
    tape.backward();
    result.gradients.assign(parameters.gradients().begin(), parameters.gradients().end());
    return result;
  }
  std::size_t width() const { return stack.output_width(); }

  Result whole(std::vector<float> x, const Noise& noise) {
    Tape tape;
    const Steps steps = Steps::rectangle(kRows, kSteps);
    StackState state(stack.state_layout(), kRows);
    const Var in = tape.add(x.data(), kRows * kSteps, kInput);
    const Var y = stack.forward({tape, parameters, noise}, in, steps, state).output;
    return finish(tape, {&y, 1});
  }
  Result stepped(std::vector<float> x, const Noise& noise) {
    Tape tape;
    SteppedLayer layer({tape, parameters, noise}, stack, kRows);
    std::vector<Var> outputs;
    for (std::size_t t = 0; t < kSteps; ++t) {
      outputs.push_back(layer.step(tape.add(x.data() + t * kRows * kInput, kRows, kInput)));
      EXPECT_EQ(layer.output().index, outputs.back().index);
    }
    return finish(tape, outputs);
  }

  Parameters parameters;
  RecurrentStack stack;
};

class SteppedCells : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Zoo, SteppedCells, every_cell(), cell_test_name);

TEST_P(SteppedCells, DoTheSameAsInOneRun) {
  RecurrentOptions options{.cell = GetParam(), .layers = 1, .hidden = 5};
  options.learned_state = options.layer_norm = true;
  options.zoneout = 0.25F;
  if (cell().window > 1) GTEST_SKIP() << "sees several steps at a time";
  Layer layer(options);
  const std::vector<float> x = random_floats(kRows * kSteps * kInput, 1, 4);
  const Layer::Result one = layer.whole(x, Noise::silent()), many = layer.stepped(x, Noise::silent());
  EXPECT_EQ(one.output, many.output);
  for (std::size_t i = 0; i < one.gradients.size(); ++i) {
    EXPECT_NEAR(one.gradients[i], many.gradients[i], 1e-5F * (1 + std::abs(one.gradients[i]))) << i;
  }
}

// Masks that hold for a whole sequence do so over all calls.
TEST(SteppedNoise, OfSequencesIsTheSameAtAllSteps) {
  RecurrentOptions options{.cell = "lstm", .layers = 1, .hidden = 40};
  options.dropout = options.state_dropout = options.weight_drop = 0.5F;
  options.variational = true;
  Layer layer(options);
  const std::vector<float> x(kRows * kSteps * kInput, 1.0F);
  const std::vector<float> y = layer.stepped(x, Noise(1, 2)).output;
  const std::size_t step = kRows * 40;
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < step; ++i) {
    dropped += y[i] == 0 ? 1 : 0;
    for (std::size_t t = 1; t < kSteps; ++t) EXPECT_EQ(y[i] == 0, y[t * step + i] == 0) << i << ", " << t;
  }
  EXPECT_NEAR(static_cast<double>(dropped), 80, 4.5 * std::sqrt(40));
  EXPECT_EQ(y, layer.stepped(x, Noise(1, 2)).output);
  EXPECT_NE(y, layer.stepped(x, Noise(1, 3)).output);
}

TEST(SteppedNoise, OfStepsIsAnotherAtEach) {
  RecurrentOptions options{.cell = "gru", .layers = 1, .hidden = 40, .dropout = 0.5F, .zoneout = 0.5F};
  Layer layer(options);
  const std::vector<float> x(kRows * kSteps * kInput, 1.0F);
  const std::vector<float> y = layer.stepped(x, Noise(1, 2)).output;
  std::size_t alike = 0;
  for (std::size_t i = 0; i < kRows * 40; ++i) alike += (y[i] == 0) == (y[kRows * 40 + i] == 0) ? 1 : 0;
  EXPECT_LT(alike, 120U);
}

}  // namespace
}  // namespace recur::stepped_layer_test
