// The reference's gradients against central differences of its own forward pass.
#pragma once

#include <numeric>
#include <string>

#include "support/layer_case.h"

namespace recur {

inline double dot(const Doubles& a, const Doubles& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// The scalar whose gradient a case asks for.
inline double loss(const LayerCase& c) {
  const ReferenceTrace trace = trace_reference(c);
  double sum = dot(c.d_output, trace.values[0]);
  for (std::size_t s = 0; s < c.shape.cell->states; ++s) {
    sum += dot(c.d_last[s], reference_last_state(c.shape, c.steps, trace, s));
  }
  return sum;
}

// Central differences for every element of `values`, which belong to the case.
inline Doubles differences(const LayerCase& c, Doubles& values) {
  constexpr double kStep = 1e-5;
  Doubles d;
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

inline void check_differences(LayerCase c) {
  constexpr double kTolerance = 1e-6;
  const CellInfo& cell = *c.shape.cell;
  const Results d = run_reference(c);
  const auto check = [&](const std::string& name, Doubles& values) {
    expect_close(d.at(name), differences(c, values), kTolerance, name, /*least=*/0.01);
  };
  for_each_tensor(cell, c.tensors, [&](const std::string& name, Doubles& values) { check("d " + name, values); });
  for (std::size_t s = 0; s < cell.states; ++s) check("d initial " + cell.slots[s], c.initial[s]);
  if (!c.shape.one_hot) check("d input", c.input.dense);
}

}  // namespace recur
