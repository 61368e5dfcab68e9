#pragma once

#include "recur/cell.h"

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

}  // namespace recur
