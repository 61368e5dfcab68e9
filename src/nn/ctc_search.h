// From what a step gives each token and the blank (kernels/ctc.h) to the most probable texts, and back to where their
// tokens stand.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "kernels/product.h"

namespace recur {

// What a search goes by besides: a language model, a lexicon, a reward of words. It knows texts by numbers that it
// gives.
class TextScorer {
 public:
  virtual ~TextScorer() = default;

  // The empty text; forgets all others.
  virtual std::size_t begin() = 0;
  // What a text's score grows by when a token is appended; nothing where it may not be.
  virtual std::optional<double> score(std::size_t text, int token) = 0;
  // The text with the token.
  virtual std::size_t append(std::size_t text, int token) = 0;
  // What it grows by when it ends; nothing where it may not end.
  virtual std::optional<double> end(std::size_t text) = 0;
};

struct CtcText {
  std::vector<int> tokens;
  double score = 0;  // log p, and what a scorer adds
};

struct CtcSearch {
  ConstMatrix log_probabilities;  // of a sequence, [steps, outputs]
  int blank = 0;
  std::span<const int> never = {};  // outputs that are not written
};

// What the most probable output of each step writes; its score is that of this one path.
CtcText ctc_best_path(const CtcSearch& search);

// The texts of the largest score, best first: prefix search (Graves et al. 2006; as a beam, Hannun et al. 2014), which
// sums the paths of a text. It follows `beam` beginnings at once, and of each step the 40 most probable tokens. At most
// `n_best` texts; none where the scorer forbids whatever was followed. Of equals, what was found first goes first.
std::vector<CtcText> ctc_beam(const CtcSearch& search, std::size_t beam, std::size_t n_best, TextScorer* scorer);

// From which step to which each token stands on the most probable path of these tokens, which fit.
struct CtcPlace {
  std::size_t first = 0, last = 0;
};
std::vector<CtcPlace> ctc_places(const CtcSearch& search, std::span<const int> tokens);

}  // namespace recur
