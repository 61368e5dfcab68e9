#pragma once

#include "recur/types/cell.h"

namespace recur {

// The reset gate after the product, as in PyTorch and cuDNN; row order r z n.
struct Gru {
  static constexpr CellOrigin origin = {2014, "Cho et al., with the reset gate after the product (as in cuDNN)",
                                        "r, z = sigmoid(W x + U h + b)\n"
                                        "n = tanh(W x + b + r (U h + b))\n"
                                        "h' = (1 - z) n + z h"};
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"reset", "update", "candidate of x", "candidate of h"};
  static constexpr std::array products = {Product{"ih", "x", {"reset", "update", "candidate of x"}},
                                          Product{"hh", "h", {"reset", "update", "candidate of h"}}};
  static constexpr Names reads = {"h"};
  static auto next(auto r, auto z, auto nx, auto nh, auto h) {
    auto n = tanh(nx + sigmoid(r) * nh);
    return results(n + sigmoid(z) * (h - n));
  }
};

// The reset gate before the product, as in the paper: the candidate's product needs r h, so it is a second stage.
struct GruResetBefore {
  static constexpr CellOrigin origin = {2014, "Cho et al., Learning phrase representations using RNN encoder-decoder",
                                        "r, z = sigmoid(W x + U h + b)\n"
                                        "n = tanh(W x + U (r h) + b)\n"
                                        "h' = (1 - z) n + z h"};
  static constexpr Names states = {"h"};

  struct Gates {
    static constexpr Names gates = {"reset", "update"};
    static constexpr Names reads = {"h"};
    static constexpr Names writes = {"reset h", "update"};
    static auto next(auto r, auto z, auto h) { return results(sigmoid(r) * h, sigmoid(z)); }
  };
  struct Candidate {
    static constexpr Names gates = {"candidate"};
    static constexpr std::array products = {Product{"ih", "x", {"candidate"}}, Product{"hh", "reset h", {"candidate"}}};
    static constexpr Names reads = {"update", "h"};
    static constexpr Names writes = {"h"};
    static auto next(auto n, auto z, auto h) {
      auto candidate = tanh(n);
      return results(candidate + z * (h - candidate));
    }
  };
  using stages = std::tuple<Gates, Candidate>;
};

struct Mgu {
  static constexpr CellOrigin origin = {2016, "Zhou et al., Minimal gated unit for recurrent neural networks",
                                        "f = sigmoid(W x + U h + b)\n"
                                        "n = tanh(W x + U (f h) + b)\n"
                                        "h' = (1 - f) h + f n"};
  static constexpr Names states = {"h"};

  struct Gates {
    static constexpr Names gates = {"forget"};
    static constexpr Names reads = {"h"};
    static constexpr Names writes = {"forgotten h", "forget"};
    static auto next(auto f, auto h) {
      auto share = sigmoid(f);
      return results(share * h, share);
    }
  };
  struct Candidate {
    static constexpr Names gates = {"candidate"};
    static constexpr std::array products = {Product{"ih", "x", {"candidate"}},
                                            Product{"hh", "forgotten h", {"candidate"}}};
    static constexpr Names reads = {"forget", "h"};
    static constexpr Names writes = {"h"};
    static auto next(auto n, auto f, auto h) { return results(h + f * (tanh(n) - h)); }
  };
  using stages = std::tuple<Gates, Candidate>;
};

}  // namespace recur
