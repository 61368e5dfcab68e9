// What searches for texts have in common (nn/ctc_search.h, nn/transducer_search.h).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

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

struct ScoredText {
  std::vector<int> tokens;
  double score = 0;  // log p, and what a scorer adds
};

// From which step to which a token stands.
struct TokenPlace {
  std::size_t first = 0, last = 0;
};

inline constexpr std::size_t kMostTokens = 40;  // the most probable ones, by which a text is continued

// The tokens, without the blank and those that are never written, that a row of log probabilities says; the most
// probable kMostTokens of them, if there are more.
void likely_tokens(std::span<const float> log_p, int blank, std::span<const int> never, std::vector<int>& tokens);

}  // namespace recur
