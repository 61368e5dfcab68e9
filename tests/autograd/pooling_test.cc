#include "autograd/pooling.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>

#include "autograd/readout.h"
#include "support/gradient_check.h"

namespace recur::pooling_test {
namespace {

// Three sequences, of 3, 2 and 1 steps, of two columns: rows by step.
const std::vector<std::size_t> kLengths = {3, 2, 1};
const std::vector<float> kInput = {1, 8, 2, 2, 9, 1, /**/ 4, 5, 2, 7, /**/ 4, -1};

std::vector<float> values_of(const Tape& tape, Var v) {
  const Matrix m = tape.value(v);
  return {m.data, m.data + m.rows * m.columns};
}

TEST(Pooling, MeanMaxAndWeightedMeanFollowTheirDefinitions) {
  const Steps steps = Steps::from_lengths(kLengths);
  std::vector<float> x = kInput;
  std::vector<float> scores = {0, 500, -1e30F, std::log(2.0F), 500 + std::log(3.0F), 0};
  Tape tape;
  const Var in = tape.add(x.data(), 6, 2);
  EXPECT_EQ(values_of(tape, mean_over_steps(tape, in, steps)), (std::vector<float>{3, 4, 2, 4.5F, 9, 1}));
  EXPECT_EQ(values_of(tape, max_over_steps(tape, in, steps)), (std::vector<float>{4, 8, 2, 7, 9, 1}));
  // Weights 1/4, 2/4, 1/4; 1/4, 3/4; 1.
  const std::vector<float> expected = {3.25F, 4.25F, 2, 5.75F, 9, 1};
  const std::vector<float> weighted =
      values_of(tape, weighted_over_steps(tape, in, tape.add(scores.data(), 6, 1), steps));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(weighted[i], expected[i], 1e-4F) << i;
}

TEST(Pooling, TheGradientOfMaxGoesToTheFirstLargest) {
  const Steps steps = Steps::from_lengths(kLengths);
  std::vector<float> x = kInput;
  Tape tape;
  const Var in = tape.add(x.data(), 6, 2);
  const Var y = max_over_steps(tape, in, steps);
  const std::vector<float> d = {1, 10, 2, 20, 3, 30};
  std::copy(d.begin(), d.end(), tape.gradient(y).data);
  tape.backward();
  const float* dx = tape.gradient(in).data;
  // Of sequence 0 the 4 of step 1, not of step 2; of sequence 1 the 2 of step 0.
  EXPECT_EQ(std::vector<float>(dx, dx + 12), (std::vector<float>{0, 10, 2, 0, 3, 30, 1, 0, 0, 20, 0, 0}));
}

// The squared distance of the result from random targets; two arrays: x and scores.
using Operation = std::function<Var(Tape&, Var x, Var scores, const Steps&)>;
struct Problem {
  Steps steps;
  std::vector<float> targets;
  std::size_t width;
  Operation operation;

  double operator()(Tape& tape, std::vector<std::vector<float>>& arrays,
                    std::vector<std::vector<float>>& gradients) const {
    const Var x = tape.add(arrays[0].data(), steps.total(), width);
    const Var scores = tape.add(arrays[1].data(), steps.total(), 1);
    const double number = squared_error(tape, operation(tape, x, scores, steps), targets, 1);
    if (!tape.recording()) return number;
    tape.backward();
    for (std::size_t i = 0; i < 2; ++i) {
      const float* d = tape.gradient(i == 0 ? x : scores).data;
      std::copy_n(d, gradients[i].size(), gradients[i].begin());
    }
    return number;
  }
};

const std::vector<std::pair<const char*, Operation>> kOperations = {
    {"mean", [](Tape& tape, Var x, Var, const Steps& steps) { return mean_over_steps(tape, x, steps); }},
    {"max", [](Tape& tape, Var x, Var, const Steps& steps) { return max_over_steps(tape, x, steps); }},
    {"weighted", weighted_over_steps},
    {"tanh", [](Tape& tape, Var x, Var, const Steps&) { return tanh_of(tape, x); }},
};

// Calls check(problem, arrays) for every operation and some batches.
template <class Check>
void for_problems(std::size_t width, const std::vector<std::vector<std::size_t>>& batches, const Check& check) {
  for (const auto& [name, operation] : kOperations) {
    for (const std::vector<std::size_t>& lengths : batches) {
      SCOPED_TRACE(name);
      const Steps steps = Steps::from_lengths(lengths);
      const bool by_step = name == std::string_view("tanh");
      const std::size_t rows = by_step ? steps.total() : steps.batch();
      check(Problem{steps, random_floats(rows * width, 1, 3), width, operation},
            {random_floats(steps.total() * width, 2, 1), random_floats(steps.total(), 2, 2)});
    }
  }
}

TEST(Pooling, GradientsAgreeWithDifferences) {
  for_problems(5, {{5, 3, 3, 1}, {4, 4}, {1}}, [](const Problem& problem, const std::vector<std::vector<float>>& at) {
    expect_gradients(problem, at, 1e-4);
  });
}

TEST(Pooling, TheNumberOfThreadsChangesNoBit) {
  for_problems(37, {{90, 41, 40, 7, 7, 1, 1}, {300}},
               [](const Problem& problem, const std::vector<std::vector<float>>& at) {
                 expect_same_on_any_threads(problem, at);
               });
}

TEST(Pooling, TanhIsTanhWhereVectorsDoNotFit) {
  for (const std::size_t count : {1U, 15U, 17U, 40'000U}) {
    std::vector<float> x = random_floats(count, 4, 5);
    Tape tape(false);
    const std::vector<float> y = values_of(tape, tanh_of(tape, tape.add(x.data(), 1, count)));
    for (std::size_t i = 0; i < count; ++i) ASSERT_NEAR(y[i], std::tanh(x[i]), 4e-7F) << i << " of " << count;
  }
}

}  // namespace
}  // namespace recur::pooling_test
