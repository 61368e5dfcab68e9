#pragma once

#include "recur/types/cell.h"

namespace recur {

// Exponential gates; m keeps their exponents small and cancels in c / n.
struct Slstm {
  static constexpr CellOrigin origin = {2024, "Beck et al., xLSTM: Extended long short-term memory",
                                        "i, f, z, o = W x + U h + b\n"
                                        "m' = max(log sigmoid(f) + m, i)\n"
                                        "c' = exp(log sigmoid(f) + m - m') c + exp(i - m') tanh(z)\n"
                                        "n' = exp(log sigmoid(f) + m - m') n + exp(i - m')\n"
                                        "h' = sigmoid(o) c' / n'"};
  static constexpr Names states = {"h", "c", "n", "m"};
  static constexpr Names zero_states = {"c", "n"};  // c / n is an average of what was added
  static constexpr Names lowest_states = {"m"};     // so n' is at least 1, however small the gates are
  static constexpr Names gates = {"input", "forget", "candidate", "output"};
  static constexpr Names reads = {"c", "n", "m"};
  static auto next(auto i, auto f, auto z, auto o, auto c, auto n, auto m) {
    auto kept = log_sigmoid(f) + m;
    auto m2 = max(kept, i);
    auto keep = exp(kept - m2);
    auto add = exp(i - m2);
    auto c2 = keep * c + add * tanh(z);
    auto n2 = keep * n + add;
    return results(sigmoid(o) * (c2 / n2), c2, n2, m2);
  }
};

}  // namespace recur
