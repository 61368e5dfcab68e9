// From what a step gives each token and the blank (kernels/ctc.h) to the most probable texts, and back to where their
// tokens stand.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/product.h"
#include "nn/text_search.h"

namespace recur {

struct CtcSearch {
  ConstMatrix log_probabilities;  // of a sequence, [steps, outputs]
  int blank = 0;
  std::span<const int> never = {};  // outputs that are not written
};

// What the most probable output of each step writes; its score is that of this one path.
ScoredText ctc_best_path(const CtcSearch& search);

// The texts of the largest score, best first: prefix search (Graves et al. 2006; as a beam, Hannun et al. 2014), which
// sums the paths of a text. It follows `beam` beginnings at once, and of each step the 40 most probable tokens. At most
// `n_best` texts; none where the scorer forbids whatever was followed. Of equals, what was found first goes first.
std::vector<ScoredText> ctc_beam(const CtcSearch& search, std::size_t beam, std::size_t n_best, TextScorer* scorer);

// Where each token stands on the most probable path of these tokens, which fit.
std::vector<TokenPlace> ctc_places(const CtcSearch& search, std::span<const int> tokens);

}  // namespace recur
