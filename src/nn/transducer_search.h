// From what a transducer's layers say of each step to the most probable texts, and back to where their tokens stand.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nn/text_search.h"
#include "nn/transducer.h"

namespace recur {

// Of a step at most so many tokens are written: else one that never says blank would write for ever.
inline constexpr std::size_t kMostTokensAStep = 10;

struct TransducerSearch {
  const TransducerStepper& stepper;
  ConstMatrix encoded;              // of a sequence, [steps, joint], see Transducer::encode
  std::span<const int> never = {};  // tokens that are not written
  std::size_t most_a_step = kMostTokensAStep;
};

// Writes the most probable token again and again until that is the blank, step by step as they come.
class GreedyTransducer {
 public:
  // The stepper must outlive it.
  GreedyTransducer(const TransducerStepper& stepper, std::span<const int> never,
                   std::size_t most_a_step = kMostTokensAStep);

  // The tokens that are written at a step; valid until the next call.
  std::span<const int> step(const float* encoded);
  // What it chose from first at the last step: log p of all outputs, [outputs].
  std::span<const float> first_choice() const { return first_; }
  double log_p() const { return log_p_; }  // of the path so far
  // Back to the empty text.
  void reset();

 private:
  const TransducerStepper& stepper_;
  std::vector<int> never_;
  std::size_t most_a_step_;
  TransducerStepper::Text text_;
  std::vector<float> first_, log_p_of_;
  std::vector<int> written_;
  double log_p_ = 0;
};

// What the greedy path writes; its score is that of this one path.
ScoredText transducer_greedy(const TransducerSearch& search);

// The texts of the largest score, best first, by Graves' beam search (2012), which sums the paths of a text and follows
// `beam` texts from step to step; they are compared by log p, whatever their lengths. At most `n_best` texts; none
// where the scorer forbids whatever was followed. Where texts get better the longer they are, as with a scorer that
// rewards each token, a step would look at all of them: it looks at beam * (most_a_step + 1) at most.
std::vector<ScoredText> transducer_beam(const TransducerSearch& search, std::size_t beam, std::size_t n_best,
                                        TextScorer* scorer);

// At which step each token is written on the most probable path of these tokens.
std::vector<TokenPlace> transducer_places(const TransducerSearch& search, std::span<const int> tokens);

}  // namespace recur
