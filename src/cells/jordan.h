#pragma once

#include "cells/elman.h"
#include "recur/types/cell.h"

namespace recur {

// What comes back is the output, with a width of its own: a second stage.
struct Jordan {
  static constexpr CellOrigin origin = {1986, "Jordan, Attractor dynamics and parallelism in a sequential machine",
                                        "a = tanh(W x + U y + b)\n"
                                        "y' = tanh(V a + d), the output, of its own width"};
  static constexpr Names states = {"y"};

  struct Hidden {
    static constexpr Names gates = {"hidden"};
    static constexpr Names writes = {"hidden units"};
    using equations = Elman;
  };
  struct Output {
    static constexpr Width width = Width::output;
    static constexpr Names gates = {"output"};
    static constexpr std::array products = {Product{"ho", "hidden units", {"output"}}};
    static constexpr Names writes = {"y"};
    using equations = Elman;
  };
  using stages = std::tuple<Hidden, Output>;
};

}  // namespace recur
