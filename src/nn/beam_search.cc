#include "nn/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/finite.h"

namespace recur {
namespace {

struct Candidate {
  double log_probability;
  std::size_t hypothesis;
  int token;

  bool operator<(const Candidate& other) const {  // better ones first
    if (log_probability != other.log_probability) return log_probability > other.log_probability;
    if (hypothesis != other.hypothesis) return hypothesis < other.hypothesis;
    return token < other.token;
  }
};

class Search {
 public:
  Search(BeamDecoder& decoder, std::span<const std::size_t> most_tokens, const BeamOptions& options)
      : decoder_(decoder), most_tokens_(most_tokens), options_(options), done_(most_tokens.size()) {
    for (std::size_t source = 0; source < most_tokens.size(); ++source) live_.push_back({source, source, kNone, 0});
  }

  std::vector<std::vector<Hypothesis>> run() {
    for (std::size_t length = 1; !live_.empty(); ++length) step(length);
    for (std::vector<Hypothesis>& outputs : done_) {
      std::ranges::stable_sort(outputs, [](const Hypothesis& a, const Hypothesis& b) {
        return a.ended != b.ended ? a.ended : a.score > b.score;
      });
      if (outputs.size() > options_.n_best) outputs.resize(options_.n_best);
    }
    return std::move(done_);
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  // What was written, each token with the one before it: hypotheses share their beginnings.
  struct Node {
    int token;
    std::size_t before;
    std::size_t most_seen;
    std::vector<float> attention;
  };
  struct Live {
    std::size_t source;
    std::size_t from;  // its row in the decoder's last step
    std::size_t last;  // its last node
    double log_probability;
  };

  void step(std::size_t length) {
    std::vector<int> tokens;
    std::vector<std::size_t> from;
    for (const Live& live : live_) {
      tokens.push_back(live.last == kNone ? options_.begin : nodes_[live.last].token);
      from.push_back(live.from);
    }
    const BeamDecoder::Step result = decoder_.step(tokens, from);
    std::vector<Live> next;
    for (std::size_t first = 0; first < live_.size();) {
      std::size_t last = first;
      while (last < live_.size() && live_[last].source == live_[first].source) ++last;
      extend(first, last, length, result, next);
      first = last;
    }
    live_ = std::move(next);
  }

  // The best continuations of the hypotheses [first, last) of one source: those that end are done, the others live on.
  void extend(std::size_t first, std::size_t last, std::size_t length, const BeamDecoder::Step& result,
              std::vector<Live>& next) {
    const std::size_t source = live_[first].source;
    const std::size_t wanted = options_.beam - done_[source].size();
    const bool must_end = length >= most_tokens_[source];
    for (const Candidate& c : best_candidates(first, last, wanted, length, result)) {
      Node node{c.token, live_[c.hypothesis].last, kNone, {}};
      if (!result.attention.empty()) {
        const std::span<const float> seen = result.attention[c.hypothesis];
        node.most_seen = static_cast<std::size_t>(std::ranges::max_element(seen) - seen.begin());
        if (options_.keep_attention) node.attention.assign(seen.begin(), seen.end());
      }
      nodes_.push_back(std::move(node));
      const Live live{source, c.hypothesis, nodes_.size() - 1, c.log_probability};
      if (c.token == options_.end || must_end) {
        done_[source].push_back(output(live, length));
      } else {
        next.push_back(live);
      }
    }
  }

  Hypothesis output(const Live& live, std::size_t length) const {
    Hypothesis h;
    h.log_probability = live.log_probability;
    h.ended = nodes_[live.last].token == options_.end;
    h.score = h.log_probability / std::pow(static_cast<double>(length), options_.length_penalty);
    for (std::size_t at = live.last; at != kNone; at = nodes_[at].before) {
      const Node& node = nodes_[at];
      if (!node.attention.empty()) h.attention.push_back(node.attention);
      if (node.token == options_.end) continue;
      h.tokens.push_back(node.token);
      if (node.most_seen != kNone) h.most_seen.push_back(node.most_seen);
    }
    std::ranges::reverse(h.tokens);
    std::ranges::reverse(h.most_seen);
    std::ranges::reverse(h.attention);
    return h;
  }

  // The best `wanted` ways to go on, best first.
  std::vector<Candidate> best_candidates(std::size_t first, std::size_t last, std::size_t wanted, std::size_t length,
                                         const BeamDecoder::Step& result) const {
    std::vector<Candidate> best;  // a heap, the worst on top
    const auto offer = [&](const Candidate& candidate) {
      if (best.size() == wanted) {
        if (!(candidate < best.front())) return;
        std::pop_heap(best.begin(), best.end());
        best.pop_back();
      }
      best.push_back(candidate);
      std::push_heap(best.begin(), best.end());
    };
    for (std::size_t h = first; h < last; ++h) {
      const std::size_t count = result.tokens.empty() ? result.log_probabilities.columns : result.tokens[h];
      const std::span<const float> row(result.log_probabilities.data + h * result.log_probabilities.stride, count);
      check_results(row, "the log-probability of a token");  // NaNs have no order
      const std::vector<int> barred = barred_tokens(live_[h], length);
      auto next_barred = barred.begin();
      const auto candidate = [&](int token) {
        return Candidate{live_[h].log_probability + static_cast<double>(row[static_cast<std::size_t>(token)]), h,
                         token};
      };
      bool goes_on = false;
      for (int token = 0; token < static_cast<int>(count); ++token) {
        if (next_barred != barred.end() && *next_barred == token) {
          ++next_barred;
          continue;
        }
        goes_on = true;
        offer(candidate(token));
      }
      if (!goes_on) offer(candidate(options_.end));
    }
    std::sort(best.begin(), best.end());
    return best;
  }

  // The tokens that an output may not go on with, ascending: by some a run of no_repeat tokens would stand there again.
  std::vector<int> barred_tokens(const Live& live, std::size_t length) const {
    std::vector<int> barred = {options_.begin};
    if (length <= options_.min_output) barred.push_back(options_.end);
    if (options_.no_repeat > 0) add_repeating(live, barred);
    std::ranges::sort(barred);
    const auto twice = std::ranges::unique(barred);
    barred.erase(twice.begin(), twice.end());
    return barred;
  }

  void add_repeating(const Live& live, std::vector<int>& barred) const {
    std::vector<int> tokens;  // the last first
    for (std::size_t at = live.last; at != kNone; at = nodes_[at].before) tokens.push_back(nodes_[at].token);
    // The last tokens, one less than a run has, and where they stand before that.
    const auto run = static_cast<std::ptrdiff_t>(options_.no_repeat - 1);
    for (auto at = tokens.begin(); tokens.end() - at > run; ++at) {
      if (std::equal(tokens.begin(), tokens.begin() + run, at + 1)) barred.push_back(*at);
    }
  }

  BeamDecoder& decoder_;
  std::span<const std::size_t> most_tokens_;
  const BeamOptions& options_;
  std::vector<Live> live_;  // those of a source together, sources in order
  std::vector<Node> nodes_;
  std::vector<std::vector<Hypothesis>> done_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(BeamDecoder& decoder, std::span<const std::size_t> most_tokens,
                                                 const BeamOptions& options) {
  return Search(decoder, most_tokens, options).run();
}

}  // namespace recur
