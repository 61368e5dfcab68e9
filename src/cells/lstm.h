#pragma once

#include "recur/cell.h"

namespace recur {

// Gate order as in PyTorch: i f g o.
struct Lstm {
  static constexpr CellOrigin origin = {1997,
                                        "Hochreiter & Schmidhuber, Long short-term memory; forget gate: Gers 2000",
                                        "i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b)\n"
                                        "c' = f c + i g\n"
                                        "h' = o tanh(c')"};
  static constexpr Names states = {"h", "c"};
  static constexpr Names gates = {"input", "forget", "candidate", "output"};
  static constexpr Names reads = {"c"};
  static auto next(auto i, auto f, auto g, auto o, auto c) {
    auto c2 = sigmoid(f) * c + sigmoid(i) * tanh(g);
    return results(sigmoid(o) * tanh(c2), c2);
  }
};

}  // namespace recur
