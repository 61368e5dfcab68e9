#pragma once

#include "recur/types/cell.h"

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

struct LstmWithoutForgetGate {
  static constexpr CellOrigin origin = {1997, "Hochreiter & Schmidhuber, Long short-term memory, as it was",
                                        "i, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b)\n"
                                        "c' = c + i g\n"
                                        "h' = o tanh(c')"};
  static constexpr Names states = {"h", "c"};
  static constexpr Names gates = {"input", "candidate", "output"};
  static constexpr Names reads = {"c"};
  static auto next(auto i, auto g, auto o, auto c) {
    auto c2 = c + sigmoid(i) * tanh(g);
    return results(sigmoid(o) * tanh(c2), c2);
  }
};

// What is forgotten makes room for what is new.
struct LstmCoupled {
  static constexpr CellOrigin origin = {2015, "Greff et al., LSTM: A search space odyssey (coupled gates)",
                                        "i, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b)\n"
                                        "c' = (1 - i) c + i g\n"
                                        "h' = o tanh(c')"};
  static constexpr Names states = {"h", "c"};
  static constexpr Names gates = {"input", "candidate", "output"};
  static constexpr Names reads = {"c"};
  static auto next(auto i, auto g, auto o, auto c) {
    auto c2 = c + sigmoid(i) * (tanh(g) - c);
    return results(sigmoid(o) * tanh(c2), c2);
  }
};

// The output is a product of what the LSTM's would be, with a width of its own: a second stage. PyTorch's proj_size.
struct LstmProjection {
  static constexpr CellOrigin origin = {2014, "Sak, Senior & Beaufays, Long short-term memory recurrent neural network",
                                        "i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b)\n"
                                        "c' = f c + i g\n"
                                        "h' = P (o tanh(c')), the output, of its own width"};
  static constexpr Names states = {"h", "c"};

  struct Memory {
    static constexpr Names gates = {"input", "forget", "candidate", "output"};
    static constexpr Names reads = {"c"};
    static constexpr Names writes = {"units", "c"};
    using equations = Lstm;
  };
  struct Projection {
    static constexpr Width width = Width::output;
    static constexpr Names gates = {"projection"};
    static constexpr std::array products = {Product{"hr", "units", {"projection"}, false}};
    static constexpr Names writes = {"h"};
    static auto next(auto z) { return results(z); }
  };
  using stages = std::tuple<Memory, Projection>;
};

}  // namespace recur
