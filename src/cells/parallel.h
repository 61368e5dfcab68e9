// Cells whose gates do not look at a state: a layer is one matrix product over all steps and a scan.
#pragma once

#include "recur/types/cell.h"

namespace recur {

struct MinGru {
  static constexpr CellOrigin origin = {2024, "Feng et al., Were RNNs all we needed?",
                                        "z = sigmoid(W x + b), n = W x + b\n"
                                        "h' = (1 - z) h + z n"};
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"update", "candidate"};
  static constexpr std::array products = {Product{"ih", "x", {"update", "candidate"}}};
  static constexpr Names reads = {"h"};
  static auto next(auto z, auto n, auto h) { return results(h + sigmoid(z) * (n - h)); }
};

struct MinLstm {
  static constexpr CellOrigin origin = {2024, "Feng et al., Were RNNs all we needed?",
                                        "f, i = sigmoid(W x + b), n = W x + b\n"
                                        "h' = f / (f + i) h + i / (f + i) n"};
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"forget", "input", "candidate"};
  static constexpr std::array products = {Product{"ih", "x", {"forget", "input", "candidate"}}};
  static constexpr Names reads = {"h"};
  static auto next(auto f, auto i, auto n, auto h) {
    auto share = sigmoid(log_sigmoid(f) - log_sigmoid(i));  // f / (f + i), which is 0 / 0 where both are closed
    return results(n + share * (h - n));
  }
};

struct Sru {
  static constexpr CellOrigin origin = {2018, "Lei et al., Simple recurrent units for highly parallelizable recurrence",
                                        "f = sigmoid(W x + v c + b), r = sigmoid(W x + u c + b)\n"
                                        "c' = f c + (1 - f) W x\n"
                                        "h' = r c' + (1 - r) W x; v and u one number a unit, each W its own"};
  static constexpr Names states = {"h", "c"};
  static constexpr Names gates = {"forget", "reset", "candidate", "skip"};
  static constexpr std::array products = {Product{"ih", "x", {"forget", "reset"}},
                                          Product{"xh", "x", {"candidate", "skip"}, false}};
  static constexpr Names reads = {"c"};
  static constexpr std::array units = {UnitWeight{"vf"}, UnitWeight{"vr"}};
  static auto next(auto f, auto r, auto n, auto skip, auto c, auto vf, auto vr) {
    auto c2 = n + sigmoid(f + vf * c) * (c - n);
    return results(skip + sigmoid(r + vr * c) * (c2 - skip), c2);
  }
};

// With its output gate (the paper's fo-pooling); the convolution is the window over the input.
struct Qrnn {
  static constexpr CellOrigin origin = {2017, "Bradbury et al., Quasi-recurrent neural networks (fo-pooling)",
                                        "f, o = sigmoid(W [x, x one step before] + b), g = tanh(W [..] + b)\n"
                                        "c' = f c + (1 - f) g\n"
                                        "h' = o c'"};
  static constexpr Names states = {"h", "c"};
  static constexpr Names gates = {"candidate", "forget", "output"};
  static constexpr std::array products = {Product{"ih", "x", {"candidate", "forget", "output"}}};
  static constexpr Names reads = {"c"};
  static constexpr std::size_t window = 2;
  static auto next(auto g, auto f, auto o, auto c) {
    auto n = tanh(g);
    auto c2 = n + sigmoid(f) * (c - n);
    return results(sigmoid(o) * c2, c2);
  }
};

}  // namespace recur
