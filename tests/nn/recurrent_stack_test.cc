// Stacks that run in both directions.
#include "nn/recurrent_stack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/operations.h"
#include "support/cells.h"
#include "support/directions.h"
#include "support/random.h"

namespace recur::recurrent_stack_test {
namespace {

constexpr std::size_t kInput = 3, kClasses = 4;

struct Network {
  Parameters parameters;
  RecurrentStack stack;
  Parameters::Id weight, bias;

  explicit Network(const RecurrentOptions& options)
      : stack(options, kInput, false, parameters, ""),
        weight(parameters.declare("weight", kClasses, stack.output_width(), InitialValues::within(0.5F))),
        bias(parameters.declare("bias", 0, kClasses, InitialValues::within(0.5F))) {
    parameters.allocate();
    parameters.initialise(3, std::nullopt);
  }

  // The output of every step, [total, output width].
  std::vector<float> output(std::vector<float> x, const Steps& steps) {
    Tape tape(false);
    StackState state(stack.state_layout(), steps.batch());
    const Var in = tape.add(x.data(), steps.total(), kInput);
    const float* y = tape.value(stack.forward({tape, parameters, Noise::silent()}, in, steps, state).output).data;
    return {y, y + steps.total() * stack.output_width()};
  }

  double loss(std::vector<float>& x, const Steps& steps, const std::vector<int>& targets) {
    Tape tape;
    StackState state(stack.state_layout(), steps.batch());
    const Var in = tape.add(x.data(), steps.total(), kInput);
    const StackResult result = stack.forward({tape, parameters, {0, 1}}, in, steps, state);
    const double nats = linear_cross_entropy(tape, result.output, parameters[weight], parameters[bias], targets, {});
    tape.backward();
    return nats;
  }
};

class BothDirections : public EveryCell {
 protected:
  RecurrentOptions options(std::size_t layers) const {
    RecurrentOptions o{.cell = GetParam(), .layers = layers, .hidden = 5, .window = 2, .bidirectional = true};
    o.projection = cell().has_output_width() ? 3 : 0;
    o.learned_state = true;
    o.dropout = layers > 1 ? 0.25F : 0;
    o.layer_norm = layers > 1;
    return o;
  }
};
INSTANTIATE_TEST_SUITE_P(Cells, BothDirections, every_cell(), cell_test_name);

std::vector<float> to_floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

// Rows of a rectangle, the last step first; the two halves of every row change places if told so.
std::vector<float> turned(const std::vector<float>& rows, std::size_t width, const Steps& steps, bool swap_halves) {
  std::vector<float> result;
  for (std::size_t t = steps.length(); t-- > 0;) {
    for (std::size_t b = 0; b < steps.batch(); ++b) {
      const auto row = rows.begin() + static_cast<std::ptrdiff_t>((steps.offset(t) + b) * width);
      const auto begin = result.insert(result.end(), row, row + static_cast<std::ptrdiff_t>(width));
      if (swap_halves) std::rotate(begin, begin + static_cast<std::ptrdiff_t>(width / 2), result.end());
    }
  }
  return result;
}

TEST_P(BothDirections, TurningTheInputSwapsThem) {
  const Steps steps = Steps::rectangle(3, 6);
  const std::vector<float> x = to_floats(random_values(steps.total() * kInput, 1, 5));
  Network network(options(1));
  const std::size_t width = network.stack.output_width();
  const std::vector<float> expected = turned(network.output(x, steps), width, steps, true);
  // Each parameter changes places with its namesake of the other direction.
  Parameters& p = network.parameters;
  for (const auto& d : p.declarations()) {
    const auto other = std::ranges::find(p.declarations(), d.name + "_reverse", &Parameters::Declaration::name);
    if (other == p.declarations().end()) continue;
    for (std::size_t i = 0; i < d.size; ++i) std::swap(p.values()[d.offset + i], p.values()[other->offset + i]);
  }
  EXPECT_EQ(network.output(turned(x, kInput, steps, false), steps), expected);
}

TEST_P(BothDirections, GradientAgreesWithDifferences) {
  const Steps steps = Steps::from_lengths(std::vector<std::size_t>{5, 4, 4, 1});
  std::vector<float> x = to_floats(random_values(steps.total() * kInput, 1, 6));
  std::vector<int> targets;
  for (std::size_t row = 0; row < steps.total(); ++row) targets.push_back(static_cast<int>(row * 7 % kClasses));
  Network network(options(2));
  network.loss(x, steps, targets);
  const std::span<float> d = network.parameters.gradients();
  const auto loss = [&] { return network.loss(x, steps, targets); };
  EXPECT_LT(smallest_disagreement(network.parameters.values(), {d.begin(), d.end()}, loss), 1e-2);
}

}  // namespace
}  // namespace recur::recurrent_stack_test
