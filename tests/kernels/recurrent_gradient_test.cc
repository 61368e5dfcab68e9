// Gradients: the reference's against finite differences of its own forward, and the engine's against the reference's.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "support/cells.h"
#include "support/differences.h"
#include "support/layer_case.h"

namespace recur::recurrent_gradient_test {
namespace {

class RecurrentGradient : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentGradient, every_cell(), cell_test_name);

using Lengths = std::vector<std::size_t>;

// Calls visit(shape, steps) for dense and one-hot input, both directions and each of the batches.
template <class Visit>
void for_each_case(const CellInfo& cell, std::size_t input, std::size_t hidden, const std::vector<Lengths>& batches,
                   const Visit& visit) {
  for (const Lengths& lengths : batches) {
    for (const bool reverse : {false, true}) {
      for (const bool one_hot : {false, true}) {
        SCOPED_TRACE(testing::Message() << "input " << input << ", hidden " << hidden << ", lengths "
                                        << testing::PrintToString(lengths) << (reverse ? ", reverse" : "")
                                        << (one_hot ? ", one-hot" : ""));
        visit(LayerShape{&cell, input, hidden, one_hot, reverse}, Steps::from_lengths(lengths));
      }
    }
  }
}

TEST_P(RecurrentGradient, ReferenceAgreesWithFiniteDifferences) {
  const std::vector<Lengths> batches = {{1}, {4}, {2, 2}, {4, 2, 2, 1}};
  for (const auto& [input, hidden] : {std::array{1, 1}, std::array{3, 1}, std::array{1, 3}, std::array{2, 3}}) {
    for_each_case(cell(), static_cast<std::size_t>(input), static_cast<std::size_t>(hidden), batches,
                  [](const LayerShape& shape, const Steps& steps) {
                    check_differences(random_case_off_kinks(shape, steps, 1e-3));
                  });
  }
}

TEST_P(RecurrentGradient, EngineAgreesWithReference) {
  const std::vector<Lengths> batches = {{1}, {6}, {3, 3, 3}, {7, 5, 5, 2, 1}};
  const std::vector<std::array<std::size_t, 2>> sizes = {{1, 1}, {3, 16}, {16, 17}, {17, 64}, {64, 3}, {65, 65}};
  for (const auto& [input, hidden] : sizes) {
    for_each_case(cell(), input, hidden, batches, [](const LayerShape& shape, const Steps& steps) {
      const LayerCase c = random_case_off_kinks(shape, steps, 1e-5);
      expect_close(run_engine(c), run_reference(c), 5e-6);
    });
  }
}

// More rows than one slice of any product, more units than one block.
TEST_P(RecurrentGradient, EngineAgreesWithReferenceOnALargeBatch) {
  const Lengths lengths = {9, 9, 9, 8, 8, 8, 8, 7, 7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 3, 2, 2, 1, 1};
  for_each_case(cell(), 20, 130, {lengths}, [](const LayerShape& shape, const Steps& steps) {
    const LayerCase c = random_case_off_kinks(shape, steps, 1e-5);
    expect_close(run_engine(c), run_reference(c), 5e-6);
  });
}

TEST_P(RecurrentGradient, WhatIsNotGivenIsZero) {
  for_each_case(cell(), 5, 17, {{4, 3, 1}}, [](const LayerShape& shape, const Steps& steps) {
    LayerCase c = random_case_off_kinks(shape, steps, 1e-5);
    c.initial.clear();
    expect_close(run_engine(c), run_reference(c), 5e-6);
    c.d_last.clear();
    expect_close(run_engine(c), run_reference(c), 5e-6);
    c.d_output.clear();
    for (const auto& [name, values] : run_engine(c)) {
      if (name.starts_with("d ")) {
        EXPECT_EQ(values, Doubles(values.size())) << name;
      }
    }
  });
}

TEST_P(RecurrentGradient, GradientsAccumulateAndSomeMayBeLeftOut) {
  for_each_case(cell(), 5, 17, {{4, 3, 1}}, [](const LayerShape& shape, const Steps& steps) {
    const LayerCase c = random_case(shape, steps);
    Results expected = run_engine(c);
    for (auto& [name, values] : expected) {
      const bool gradient = name.starts_with("d ");
      const bool parameter = gradient && !name.starts_with("d input") && !name.starts_with("d initial");
      for (double& value : values) value *= parameter ? 3 : gradient ? 2 : 1;
    }
    EngineRun engine(c);
    engine.run();
    engine.run(/*parameters_only=*/true);
    engine.run();
    expect_close(engine.results(), expected, 1e-6);
  });
}

}  // namespace
}  // namespace recur::recurrent_gradient_test
