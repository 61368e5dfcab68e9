// What a search, or whoever draws or scores outputs, asks of a decoder that follows many beginnings ("hypotheses") side
// by side.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/product.h"

namespace recur {

class BeamDecoder {
 public:
  virtual ~BeamDecoder() = default;

  struct Step {
    ConstMatrix log_probabilities;  // of the next token, [hypotheses, most tokens of any]
    // How many tokens each hypothesis may go on with, those of the first columns; empty: all.
    std::vector<std::size_t> tokens = {};
    // How much each hypothesis looked at each position of its source; empty for a decoder that does not look.
    std::vector<std::span<const float>> attention = {};

    // Of one hypothesis. Throws Error where they are not finite.
    std::span<const float> of(std::size_t hypothesis) const;
  };
  // Feeds each hypothesis its last token. Hypothesis i continues what hypothesis from[i] of the call before was; in the
  // first call there is one for each source, in order, and `from` is that order. What is returned is valid until the
  // next call.
  virtual Step step(std::span<const int> tokens, std::span<const std::size_t> from) = 0;
};

}  // namespace recur
