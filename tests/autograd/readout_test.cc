#include "autograd/readout.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "autograd/arrange.h"
#include "support/random.h"

namespace recur::readout_test {
namespace {

std::vector<float> random_floats(std::size_t count, std::uint64_t seed) {
  const std::vector<double> values = random_values(count, 1, seed);
  return {values.begin(), values.end()};
}

// An operation on x [rows, columns], followed by what makes a number of its result, and the gradient of that number.
// Both the operations and the number are at most quadratic, so that a central difference has no error but rounding's.
struct Checked {
  double number;
  std::vector<float> gradient;
};
using Operation = std::function<double(Tape&, Var)>;

Checked run(const Operation& operation, std::vector<float>& x, std::size_t rows) {
  Tape tape;
  const Var in = tape.add(x.data(), rows, x.size() / rows);
  Checked result{operation(tape, in), {}};
  tape.backward();
  const float* d = tape.gradient(in).data;
  result.gradient.assign(d, d + x.size());
  return result;
}

void expect_gradient(const Operation& operation, std::size_t rows, std::size_t columns, double scale) {
  std::vector<float> x = random_floats(rows * columns, 1);
  const std::vector<float> gradient = run(operation, x, rows).gradient;
  constexpr float kStep = 0x1p-4F;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float kept = x[i];
    x[i] = kept + kStep;
    const double above = run(operation, x, rows).number;
    x[i] = kept - kStep;
    const double below = run(operation, x, rows).number;
    x[i] = kept;
    const double difference = (above - below) / (2 * static_cast<double>(kStep));
    EXPECT_NEAR(static_cast<double>(gradient[i]), scale * difference, 2e-6 * (1 + std::abs(difference))) << i;
  }
}

// The squared distance of a result from random numbers, with its gradient.
double distance(Tape& tape, Var y, const std::vector<float>& targets) { return squared_error(tape, y, targets, 1); }

TEST(Readout, FirstColumnsAreCopiedAndLeadBack) {
  std::vector<float> x = {1, 2, 3, 4, 5, 6};
  Tape tape;
  const Matrix left = tape.value(first_columns(tape, tape.add(x.data(), 2, 3), 2));
  EXPECT_EQ(std::vector<float>(left.data, left.data + 4), (std::vector<float>{1, 2, 4, 5}));
  const std::vector<float> targets = random_floats(6 * 2, 3);
  expect_gradient([&](Tape& t, Var in) { return distance(t, first_columns(t, in, 2), targets); }, 6, 5, 1);
}

TEST(Readout, SelectRowsFollowsItsDefinition) {
  std::vector<float> x = {1, 2, 3, 4, 5, 6};
  const std::vector<std::size_t> rows = {2, 0, 2};
  Tape tape;
  const Var in = tape.add(x.data(), 3, 2);
  const Var y = select_rows(tape, in, rows);
  const float* out = tape.value(y).data;
  EXPECT_EQ(std::vector<float>(out, out + 6), (std::vector<float>{5, 6, 1, 2, 5, 6}));
  const std::vector<float> d = {1, 10, 100, 1000, 2, 20};
  std::copy(d.begin(), d.end(), tape.gradient(y).data);
  tape.backward();
  const float* dx = tape.gradient(in).data;
  EXPECT_EQ(std::vector<float>(dx, dx + 6), (std::vector<float>{100, 1000, 0, 0, 3, 30}));
}

TEST(Readout, SelectRowsGradient) {
  const std::vector<std::size_t> rows = {3, 0, 3, 1};
  const std::vector<float> targets = random_floats(rows.size() * 5, 2);
  expect_gradient([&](Tape& tape, Var x) { return distance(tape, select_rows(tape, x, rows), targets); }, 6, 5, 1);
}

// Each row names its sequence and step, each column is told apart by a tenth.
TEST(Readout, LastOutputTakesEachDirectionsOwnLastStep) {
  const std::vector<std::size_t> lengths = {4, 2, 2, 1};
  const Steps steps = Steps::from_lengths(lengths);
  std::vector<float> x;
  for (std::size_t t = 0; t < steps.length(); ++t) {
    for (std::size_t row = 0; row < steps.rows(t); ++row) {
      for (std::size_t column = 0; column < 3; ++column) x.push_back(static_cast<float>(100 * row + 10 * t + column));
    }
  }
  Tape tape;
  const Var in = tape.add(x.data(), steps.total(), 3);
  for (const std::size_t forward : {3U, 2U, 0U}) {
    const float* out = tape.value(last_output(tape, in, steps, forward)).data;
    for (std::size_t row = 0; row < lengths.size(); ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        const std::size_t t = column < forward ? lengths[row] - 1 : 0;
        EXPECT_EQ(out[row * 3 + column], static_cast<float>(100 * row + 10 * t + column))
            << forward << " forward columns, sequence " << row << ", column " << column;
      }
    }
  }
}

TEST(Readout, LastOutputGradient) {
  for (const std::vector<std::size_t>& lengths :
       {std::vector<std::size_t>{5, 3, 3, 1}, std::vector<std::size_t>{4, 4, 4}, std::vector<std::size_t>{1}}) {
    const Steps steps = Steps::from_lengths(lengths);
    const std::vector<float> targets = random_floats(lengths.size() * 4, 3);
    for (const std::size_t forward : {4U, 2U, 0U}) {
      expect_gradient([&](Tape& tape, Var x) { return distance(tape, last_output(tape, x, steps, forward), targets); },
                      steps.total(), 4, 1);
    }
  }
}

TEST(Readout, SquaredErrorAndItsGradient) {
  std::vector<float> y = {1, -2, 0.5F, 4};
  const std::vector<float> targets = {0, 2, 0.5F, 1};
  const Checked result = run([&](Tape& tape, Var x) { return squared_error(tape, x, targets, 0.25F); }, y, 2);
  EXPECT_EQ(result.number, 1 + 16 + 0 + 9);
  EXPECT_EQ(result.gradient, (std::vector<float>{0.5F, -2, 0, 1.5F}));
  expect_gradient([&](Tape& tape, Var x) { return squared_error(tape, x, targets, 0.25F); }, 2, 2, 0.25);
}

TEST(Readout, GradientsAreAdded) {
  std::vector<float> x = {3};
  const std::vector<float> targets = {1};
  const auto twice = [&](Tape& tape, Var v) {
    return squared_error(tape, v, targets, 1) + squared_error(tape, v, targets, 1);
  };
  EXPECT_EQ(run(twice, x, 1).gradient[0], 8);
}

}  // namespace
}  // namespace recur::readout_test
