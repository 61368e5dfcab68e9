// What searches for texts have in common (nn/ctc_search.h, nn/transducer_search.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
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

// The most probable of the tokens that may be written and the blank; of equals the blank, then the first.
int likeliest_output(std::span<const float> log_p, int blank, std::span<const int> never);

// The texts that a search has looked at are nodes of a tree: what each was continued from is its parent.
inline constexpr std::size_t kNoText = static_cast<std::size_t>(-1);

// The node that a token makes of node i; kNoText where there is none yet.
template <class Nodes>
std::size_t child_of(const Nodes& nodes, std::size_t i, int token) {
  const auto& children = nodes[i].children;
  const auto place = std::ranges::find(children, token, [&](std::size_t child) { return nodes[child].token; });
  return place == children.end() ? kNoText : *place;
}

// What a search ends with: those of some nodes that may end there, at most so many, the best first. log_p(node): of all
// paths that write it.
template <class Nodes, class LogP>
std::vector<ScoredText> best_texts(const Nodes& nodes, std::span<const std::size_t> followed, TextScorer* scorer,
                                   std::size_t most, const LogP& log_p) {
  std::vector<ScoredText> texts;
  for (const std::size_t i : followed) {
    const std::optional<double> end = scorer == nullptr ? 0 : scorer->end(nodes[i].text);
    if (!end) continue;
    ScoredText& text = texts.emplace_back();
    text.score = log_p(nodes[i]) + nodes[i].added + *end;
    for (std::size_t at = i; nodes[at].parent != kNoText; at = nodes[at].parent) text.tokens.push_back(nodes[at].token);
    std::ranges::reverse(text.tokens);
  }
  std::ranges::stable_sort(texts, std::greater<>(), &ScoredText::score);
  texts.resize(std::min(texts.size(), most));
  return texts;
}

}  // namespace recur
