// The states that layers have before the first step, made of a vector: of what an encoder has read, or of a label.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "autograd/tape.h"
#include "nn/parameters.h"
#include "nn/recurrent_stack.h"

namespace recur {

class FirstStates {
 public:
  // Declares parameters of every layer of the stack, which runs in one direction; the vector is `columns` wide.
  FirstStates(const RecurrentStack& stack, std::size_t columns, Parameters& parameters, const std::string& prefix);

  // Layer after layer tanh(W v + b), [rows, width]; the first value of states that have to begin with it. v is
  // [rows, columns].
  std::vector<Var> of(const Run& run, Var v) const;

 private:
  struct Affine {
    Parameters::Id weight, bias;
  };
  struct State {
    std::size_t width;
    float first_value;  // where it is not learned
    std::optional<Affine> learned;
  };
  std::vector<State> states_;  // of each layer
};

}  // namespace recur
