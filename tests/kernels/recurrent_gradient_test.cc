// Gradients: the reference's against finite differences of its own forward, and the engine's against the reference's.
#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "support/cells.h"
#include "support/layer_case.h"

namespace recur {
namespace {

class RecurrentGradient : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentGradient, every_cell(), cell_test_name);

using Lengths = std::vector<std::size_t>;

double dot(const Reals& a, const Reals& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// The scalar whose gradient a case asks for.
double loss(const LayerCase& c) {
  const ReferenceTrace trace = trace_reference(c);
  double sum = dot(c.d_output, trace.values[0]);
  for (std::size_t s = 0; s < c.shape.cell->states; ++s) {
    sum += dot(c.d_last[s], reference_last_state(c.shape, c.steps, trace, s));
  }
  return sum;
}

// Central differences for every element of `values`, which belong to the case.
Reals differences(const LayerCase& c, Reals& values) {
  constexpr double kStep = 1e-5;
  Reals d;
  for (double& value : values) {
    const double here = value;
    value = here + kStep;
    const double above = loss(c);
    value = here - kStep;
    const double below = loss(c);
    value = here;
    d.push_back((above - below) / (2 * kStep));
  }
  return d;
}

void check_differences(LayerCase c) {
  constexpr double kTolerance = 1e-6;
  const CellInfo& cell = *c.shape.cell;
  const Results d = run_reference(c);
  const auto check = [&](const std::string& name, Reals& values) {
    expect_close(d.at(name), differences(c, values), kTolerance, name, /*least=*/0.01);
  };
  for (std::size_t w = 0; w < cell.weights.size(); ++w) {
    check("d weight " + cell.weights[w].name, c.tensors.weight[w]);
    check("d bias " + cell.weights[w].name, c.tensors.bias[w]);
  }
  for (std::size_t s = 0; s < cell.states; ++s) check("d initial " + cell.slots[s], c.initial[s]);
  if (!c.shape.one_hot) check("d input", c.input.dense);
}

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
  for (const std::size_t input : {1, 3, 16, 17, 64, 65}) {
    for (const std::size_t hidden : {1, 3, 16, 17, 64, 65}) {
      for_each_case(cell(), input, hidden, batches, [](const LayerShape& shape, const Steps& steps) {
        const LayerCase c = random_case_off_kinks(shape, steps, 1e-5);
        expect_close(run_engine(c), run_reference(c), 5e-6);
      });
    }
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
        EXPECT_EQ(values, Reals(values.size())) << name;
      }
    }
  });
}

TEST_P(RecurrentGradient, GradientsAccumulateAndSomeMayBeLeftOut) {
  for_each_case(cell(), 5, 17, {{4, 3, 1}}, [](const LayerShape& shape, const Steps& steps) {
    const LayerCase c = random_case(shape, steps);
    Results expected = run_engine(c);
    for (auto& [name, values] : expected) {
      const bool parameter = name.starts_with("d weight") || name.starts_with("d bias");
      for (double& value : values) value *= parameter ? 3 : name.starts_with("d ") ? 2 : 1;
    }
    EngineRun engine(c);
    engine.run();
    engine.run(/*parameters_only=*/true);
    engine.run();
    expect_close(engine.results(), expected, 1e-6);
  });
}

}  // namespace
}  // namespace recur
