// Outputs of a decoder and how they come about.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "nn/beam_decoder.h"
#include "nn/wanted_runs.h"

namespace recur {

struct BeamOptions {
  std::size_t beam = 5;         // hypotheses of each source; 1: greedy
  std::size_t n_best = 1;       // how many are returned, at most `beam`
  double length_penalty = 1;    // the score is log p / tokens^this
  int begin = 0, end = 0;       // tokens that every output begins after and ends with
  bool keep_attention = false;  // of outputs; it takes memory for each pair of a token and a position
  std::size_t min_output = 0;   // tokens before the end, at least
  std::size_t no_repeat = 0;    // no run of so many tokens stands in an output twice; 0: any may
  // Times the sum over the source's positions of log(min(1, how much they were looked at)), it is added to the score
  // (Wu et al. 2016).
  double coverage_penalty = 0;
  WantedRuns contain = {};  // what outputs must have
};

struct Hypothesis {
  std::vector<int> tokens;  // without begin and end
  double log_probability = 0, score = 0;
  bool ended = true;                          // else it was cut at its most tokens
  std::vector<std::size_t> most_seen;         // of each token, the position that was looked at most; empty for none
  std::vector<std::vector<float>> attention;  // if kept, of each token and of the end, over the source's positions
  bool has_all = true;                        // that it must have
};

// Outputs as they are written, each token with the one before it: outputs share their beginnings.
class Writing {
 public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();  // before the first token

  // The options must outlive it.
  explicit Writing(const BeamOptions& options) : options_(options) {}

  // Goes on after `last` with a token, before which that was looked at; returns its place.
  std::size_t add(int token, std::size_t last, std::span<const float> attention);
  // The last token there; at first the one that outputs begin after.
  int token(std::size_t last) const { return last == kNone ? options_.begin : nodes_[last].token; }
  std::vector<int> tokens(std::size_t last) const;
  // The tokens that an output may not go on with, ascending: by some a run of no_repeat tokens would stand there again.
  // `length`: how many it will then have.
  std::vector<int> barred(std::size_t last, std::size_t length) const;
  Hypothesis output(std::size_t last, double log_probability) const;

 private:
  struct Node {
    int token;
    std::size_t before;
    std::size_t most_seen;
    std::vector<float> attention;
  };
  void add_repeating(std::size_t last, std::vector<int>& barred) const;

  const BeamOptions& options_;
  std::vector<Node> nodes_;
};

// Calls use(token) for the tokens of [0, count) that are not barred, which are in ascending order, or, where there is
// none, for the end: every output goes on.
template <class Use>
void for_allowed(std::size_t count, std::span<const int> barred, int end, const Use& use) {
  auto next = barred.begin();
  bool any = false;
  for (int token = 0; token < static_cast<int>(count); ++token) {
    if (next != barred.end() && *next == token) {
      ++next;
    } else {
      any = true;
      use(token);
    }
  }
  if (!any) use(end);
}

}  // namespace recur
