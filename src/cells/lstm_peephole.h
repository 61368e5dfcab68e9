// Gates that look at the cell's memory through peepholes: one number a unit, or a full matrix.
#pragma once

#include "cells/lstm.h"
#include "recur/types/cell.h"

namespace recur {
namespace peephole {

// The gate with peephole number kIndex, or without one when that is negative.
template <int kIndex, class Gate, class Value, class Weights>
auto see(const Gate& gate, const Value& value, const Weights& weights) {
  if constexpr (kIndex < 0) {
    return gate;
  } else {
    return gate + std::get<kIndex>(weights) * value;
  }
}

template <bool kInput, bool kForget, bool kOutput>
constexpr auto unit_weights() {
  std::array<UnitWeight, kInput + kForget + kOutput> units{};
  std::size_t count = 0;
  if (kInput) units[count++] = {"ci"};
  if (kForget) units[count++] = {"cf"};
  if (kOutput) units[count++] = {"co"};
  return units;
}

template <bool kInput, bool kForget, bool kOutput>
constexpr Names gate_names() {
  Names names;
  if (kInput) names.items[names.count++] = "input";
  if (kForget) names.items[names.count++] = "forget";
  if (kOutput) names.items[names.count++] = "output";
  return names;
}

}  // namespace peephole

// Input and forget gate see c before the step, the output gate the new one.
template <bool kInput, bool kForget, bool kOutput>
struct LstmPeephole {
  static constexpr CellOrigin origin = {2000, "Gers & Schmidhuber, Recurrent nets that time and count",
                                        "i = sigmoid(W x + U h + p c + b), f = sigmoid(W x + U h + q c + b)\n"
                                        "g = tanh(W x + U h + b)\n"
                                        "c' = f c + i g\n"
                                        "o = sigmoid(W x + U h + r c' + b); p, q and r one number a unit\n"
                                        "h' = o tanh(c'); of the gates i, f, o those named have a peephole, else all"};
  static constexpr Names states = {"h", "c"};
  static constexpr Names gates = {"input", "forget", "candidate", "output"};
  static constexpr Names reads = {"c"};
  static constexpr auto units = peephole::unit_weights<kInput, kForget, kOutput>();
  static auto next(auto i, auto f, auto g, auto o, auto c, auto... weights) {
    const auto all = std::tie(weights...);
    auto in = sigmoid(peephole::see < kInput ? 0 : -1 > (i, c, all));
    auto keep = sigmoid(peephole::see < kForget ? kInput : -1 > (f, c, all));
    auto c2 = keep * c + in * tanh(g);
    auto out = sigmoid(peephole::see < kOutput ? kInput + kForget : -1 > (o, c2, all));
    return results(out * tanh(c2), c2);
  }
};

// The memory beside input and output in the product of a gate: every gate sees c before the step.
template <bool kInput, bool kForget, bool kOutput>
struct LstmFullPeephole {
  static constexpr CellOrigin origin = {2000, "Gers & Schmidhuber, with a full matrix: c beside x and h",
                                        "i, f, o = sigmoid(W x + U h + V c + b), g = tanh(W x + U h + b)\n"
                                        "c' = f c + i g\n"
                                        "h' = o tanh(c'); of the gates i, f, o those named have a V, else all"};
  static constexpr Names states = {"h", "c"};
  static constexpr Names gates = {"input", "forget", "candidate", "output"};
  static constexpr std::array products = {Product{"ih", "x", gates}, Product{"hh", "h", gates},
                                          Product{"ch", "c", peephole::gate_names<kInput, kForget, kOutput>(), false}};
  static constexpr Names reads = {"c"};
  using equations = Lstm;
};

}  // namespace recur
