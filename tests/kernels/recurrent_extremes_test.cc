// Every cell far from where its functions are curved: gates at sums of 20, 100 and 1000 of either sign, and the states
// that they lead to. Nothing there is infinite in the mathematics, so nothing may be in float.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/cells.h"
#include "support/differences.h"
#include "support/layer_case.h"
#include "support/settings.h"

namespace recur::recurrent_extremes_test {
namespace {

class RecurrentExtremes : public EveryCell {};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentExtremes, every_cell(), cell_test_name);

// Some of the values, drawn at random, become `to(value, sign)`.
template <class To>
void change_some(Doubles& values, std::uint32_t index, std::uint64_t seed, const To& to) {
  const Random random(seed, RandomPurpose::test, index);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t word = random.word(i) % 3;
    if (word > 0) values[i] = to(values[i], word == 1 ? 1 : -1);
  }
}

// Two thirds of all gates' sums, each unit's own, are about `size` or -size; before the first step nothing is given.
LayerCase extreme_case(const LayerShape& shape, const Steps& steps, double size, std::uint64_t seed) {
  LayerCase c = random_case(shape, steps, seed);
  const CellInfo& cell = c.cell();
  std::uint32_t index = 1000;
  for (std::size_t w = 0; w < cell.weights.size(); ++w) {
    if (cell.weights[w].bias && (w == 0 || !cell.weights[w - 1].bias)) {  // one bias of a gate is enough
      change_some(c.tensors.bias[w], index++, seed, [size](double x, int sign) { return x + sign * size; });
    } else if (cell.weights[w].from_input) {
      change_some(c.tensors.weight[w], index++, seed, [size](double x, int sign) { return x * sign * size; });
    }
  }
  change_some(c.tensors.shift, index++, seed, [size](double x, int sign) { return x + sign * size; });
  c.initial.clear();
  return c;
}

// Makes the states after the step, as floats, those before it, and draws what the step reads anew.
void advance(LayerCase& c, std::uint64_t seed) {
  const ReferenceTrace trace = trace_reference(c);
  c.initial.clear();
  for (std::size_t s = 0; s < c.cell().states; ++s) {
    c.initial.push_back(reference_last_state(c.shape, c.steps, trace, s));
    for (double& value : c.initial.back()) value = static_cast<float>(value);
  }
  c.input = random_case(c.shape, c.steps, seed).input;
}

// The largest magnitude of a state before or after the step, at least 1; exponents are not counted.
double largest_state(const LayerCase& c) {
  const ReferenceTrace trace = trace_reference(c);
  double largest = 1;
  for (std::size_t s = 0; s < c.cell().states; ++s) {
    if (c.cell().first_values[s] == FirstValue::lowest) continue;
    for (const Doubles* values : {&trace.initial[s], &trace.values[s]}) {
      for (const double value : *values) largest = std::max(largest, std::abs(value));
    }
  }
  return largest;
}

// Calls visit(case, tolerance) for steps one after the other, each a case of its own, so that no rounding grows from
// step to step: the first from nothing, the others from the states that came of it.
template <class Visit>
void for_each_extreme_step(const CellInfo& cell, std::size_t input, std::size_t hidden,
                           const std::vector<double>& sizes, const Visit& visit) {
  constexpr std::uint64_t kSteps = 6;
  for (const double size : sizes) {
    for (const bool layer_norm : {false, true}) {
      LayerShape shape{&cell, input, hidden, /*one_hot=*/layer_norm, /*reverse=*/layer_norm};
      shape.layer_norm = layer_norm;
      LayerCase c = extreme_case(shape, Steps::rectangle(3, 1), size, 1);
      for (std::uint64_t step = 0; step < kSteps; ++step) {
        SCOPED_TRACE(testing::Message() << "size " << size << ", step " << step
                                        << (layer_norm ? ", layer normalisation, one-hot" : ""));
        visit(c, size * 0x1p-21);  // what a float of that size loses eight times
        advance(c, step + 2);
      }
    }
  }
}

TEST_P(RecurrentExtremes, EngineAgreesWithReference) {
  for_each_extreme_step(cell(), 3, 17, {20, 100, 1000}, [](const LayerCase& c, double tolerance) {
    if (nearest_kink(c) < tolerance) return;
    const Results expected = run_reference(c);
    const double states = largest_state(c);
    for (const SimdLevel level : simd_levels()) {
      SCOPED_TRACE(simd_name(level));
      const WithSimdLevel set(level);
      const Results actual = run_engine(c);
      // Differences of states, which a nearly closed gate multiplies, are no more accurate than the states.
      for (const auto& [name, values] : expected) expect_close(actual.at(name), values, tolerance, name, states);
    }
  });
}

// Of larger sizes, differences are little more than what doubles lose.
TEST_P(RecurrentExtremes, ReferenceAgreesWithFiniteDifferences) {
  for_each_extreme_step(cell(), 2, 3, {20}, [](const LayerCase& c, double /*tolerance*/) {
    if (!c.initial.empty() && nearest_kink(c) > 1e-3) check_differences(c);
  });
}

TEST_P(RecurrentExtremes, WholeSequencesStayFinite) {
  for (const double size : {20, 100, 1000}) {
    const LayerCase c = extreme_case({&cell(), 3, 17}, Steps::from_lengths({{12, 5, 1}}), size, 1);
    for (const SimdLevel level : simd_levels()) {
      SCOPED_TRACE(testing::Message() << "size " << size << ", " << simd_name(level));
      const WithSimdLevel set(level);
      for (const auto& [name, values] : run_engine(c)) {
        EXPECT_TRUE(std::ranges::all_of(values, [](double x) { return std::isfinite(x); })) << name;
      }
    }
  }
}

}  // namespace
}  // namespace recur::recurrent_extremes_test
