#pragma once

#include "recur/types/cell.h"

namespace recur {

struct Elman {
  static constexpr CellOrigin origin = {1990, "Elman, Finding structure in time", "h' = tanh(W x + U h + b)"};
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"hidden"};
  static auto next(auto z) { return results(tanh(z)); }
};

struct ElmanRelu {
  static constexpr CellOrigin origin = {1990, "Elman, with the rectifier", "h' = max(0, W x + U h + b)"};
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"hidden"};
  static auto next(auto z) { return results(relu(z)); }
};

struct IdentityRelu : ElmanRelu {
  static constexpr CellOrigin origin = {
      2015, "Le, Jaitly & Hinton, A simple way to initialize recurrent networks of rectified linear units",
      "h' = max(0, W x + U h + b), U starts as the identity, b as zero"};
  static constexpr Start start = Start::identity;
  using equations = ElmanRelu;
};

// A unit sees no other unit's past: the recurrent weight is one number a unit.
struct IndRnn {
  static constexpr CellOrigin origin = {2018, "Li et al., Independently recurrent neural network (IndRNN)",
                                        "h' = max(0, W x + u h + b), u one number a unit"};
  static constexpr Names states = {"h"};
  static constexpr Names gates = {"hidden"};
  static constexpr std::array products = {Product{"ih", "x", {"hidden"}}};
  static constexpr Names reads = {"h"};
  static constexpr std::array units = {UnitWeight{"hh", 0.0F, 1.0F}};
  static auto next(auto z, auto h, auto u) { return results(relu(z + u * h)); }
};

}  // namespace recur
