// Beam search: the most probable outputs of a decoder, found by following the best few beginnings at once.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/product.h"

namespace recur {

// What a search asks of a decoder that follows many beginnings ("hypotheses") side by side.
class BeamDecoder {
 public:
  virtual ~BeamDecoder() = default;

  struct Step {
    ConstMatrix log_probabilities;  // of the next token, [hypotheses, most tokens of any]
    // How many tokens each hypothesis may go on with, those of the first columns; empty: all.
    std::vector<std::size_t> tokens = {};
    // How much each hypothesis looked at each position of its source; empty for a decoder that does not look.
    std::vector<std::span<const float>> attention = {};
  };
  // Feeds each hypothesis its last token. Hypothesis i continues what hypothesis from[i] of the call before was; in the
  // first call there is one for each source, in order, and `from` is that order. What is returned is valid until the
  // next call.
  virtual Step step(std::span<const int> tokens, std::span<const std::size_t> from) = 0;
};

struct BeamOptions {
  std::size_t beam = 5;         // hypotheses of each source; 1: greedy
  std::size_t n_best = 1;       // how many are returned, at most `beam`
  double length_penalty = 1;    // the score is log p / tokens^this
  int begin = 0, end = 0;       // tokens that every output begins after and ends with
  bool keep_attention = false;  // of outputs; it takes memory for each pair of a token and a position
  std::size_t min_output = 0;   // tokens before the end, at least
  std::size_t no_repeat = 0;    // no run of so many tokens stands in an output twice; 0: any may
};

struct Hypothesis {
  std::vector<int> tokens;  // without begin and end
  double log_probability = 0, score = 0;
  bool ended = true;                          // else it was cut at its most tokens
  std::vector<std::size_t> most_seen;         // of each token, the position that was looked at most; empty for none
  std::vector<std::vector<float>> attention;  // if kept, of each token and of the end, over the source's positions
};

// The outputs of `sources` sources, best first. most_tokens: of each source, the end among them. Of equal candidates
// the earlier hypothesis and the lower token goes first. An output that has not ended at its most tokens is cut there,
// and comes after all that have; one that can go on with no token by the limits of the options ends.
std::vector<std::vector<Hypothesis>> beam_search(BeamDecoder& decoder, std::span<const std::size_t> most_tokens,
                                                 const BeamOptions& options);

}  // namespace recur
