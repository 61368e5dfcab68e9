#include "nn/first_states.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autograd/operations.h"
#include "autograd/pooling.h"

namespace recur {

FirstStates::FirstStates(const RecurrentStack& stack, std::size_t columns, Parameters& parameters,
                         const std::string& prefix) {
  const auto start = InitialValues::within(1 / std::sqrt(static_cast<float>(columns)));
  for (std::size_t layer = 0; layer < stack.layers(); ++layer) {
    for (std::size_t state = 0; state < stack.cell().states; ++state) {
      const std::size_t width = stack.shape(layer, 0).width_of_slot(state);
      states_.push_back({width, stack.cell().first_value(state), {}});
      if (stack.cell().first_values[state] != FirstValue::any) continue;
      const std::string name = fmt::format("{}start.{}.{}.", prefix, layer, state);
      const Parameters::Id weight = parameters.declare(name + "weight", width, columns, start);
      states_.back().learned = {weight, parameters.declare(name + "bias", 0, width, InitialValues::constant(0))};
    }
  }
}

std::vector<Var> FirstStates::of(const Run& run, Var v) const {
  Tape& tape = run.tape;
  std::vector<Var> states;
  for (const State& state : states_) {
    if (state.learned) {
      const auto& [weight, bias] = *state.learned;
      states.push_back(tanh_of(tape, linear(tape, v, run[weight], run[bias])));
    } else {
      const std::size_t rows = tape.value(v).rows;
      states.push_back(tape.add(rows, state.width));
      std::fill_n(tape.value(states.back()).data, rows * state.width, state.first_value);
    }
  }
  return states;
}

}  // namespace recur
