#pragma once

#include "cells/elman.h"
#include "recur/types/cell.h"

namespace recur {

// No state: a layer over a window of its inputs.
struct TimeDelay {
  static constexpr CellOrigin origin = {1989, "Waibel et al., Phoneme recognition using time-delay neural networks",
                                        "h' = tanh(W [x, x one step before, x two steps before] + b)"};
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"hidden"};
  static constexpr std::array products = {Product{"ih", "x", {"hidden"}}};
  static constexpr std::size_t window = 3;
  using equations = Elman;
};

struct Ngram : TimeDelay {
  static constexpr CellOrigin origin = {
      2003, "Bengio et al., A neural probabilistic language model (a 5-gram)",
      "h' = tanh(W [x and the x of the 3 steps before] + b); one layer over embeddings"};
  static constexpr std::size_t window = 4;
};

}  // namespace recur
