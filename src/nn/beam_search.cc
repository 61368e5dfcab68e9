#include "nn/beam_search.h"

#include <algorithm>

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

// The best of all candidates that are offered, as many as wanted.
class Best {
 public:
  void offer(const Candidate& candidate, std::size_t wanted) {
    if (heap_.size() == wanted) {
      if (!(candidate < heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end());
  }
  std::vector<Candidate> in_order() && {
    std::sort(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  std::vector<Candidate> heap_;  // the worst on top
};

class Search {
 public:
  Search(BeamDecoder& decoder, std::span<const std::size_t> most_tokens, const BeamOptions& options)
      : decoder_(decoder), most_tokens_(most_tokens), options_(options), writing_(options), done_(most_tokens.size()) {
    for (std::size_t source = 0; source < most_tokens.size(); ++source) {
      live_.push_back({source, source, Writing::kNone, 0});
    }
  }

  std::vector<std::vector<Hypothesis>> run() {
    for (std::size_t length = 1; !live_.empty(); ++length) step(length);
    for (std::vector<Hypothesis>& outputs : done_) {
      std::ranges::stable_sort(outputs, [](const Hypothesis& a, const Hypothesis& b) {
        if (a.has_all != b.has_all) return a.has_all;
        return a.ended != b.ended ? a.ended : a.score > b.score;
      });
      if (outputs.size() > options_.n_best) outputs.resize(options_.n_best);
    }
    return std::move(done_);
  }

 private:
  struct Live {
    std::size_t source;
    std::size_t from;  // its row in the decoder's last step
    std::size_t last;  // its last token
    double log_probability;
  };

  void step(std::size_t length) {
    std::vector<int> tokens;
    std::vector<std::size_t> from;
    for (const Live& live : live_) {
      tokens.push_back(writing_.token(live.last));
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

  // The best continuations of the hypotheses [first, last) of one source: those that end are done, the others live on
  // until there are enough that are.
  void extend(std::size_t first, std::size_t last, std::size_t length, const BeamDecoder::Step& result,
              std::vector<Live>& next) {
    const std::size_t source = live_[first].source, already = next.size();
    const bool must_end = length >= most_tokens_[source];
    for (const Candidate& c : best_candidates(first, last, options_.beam - done_[source].size(), length, result)) {
      const std::span<const float> looked =
          result.attention.empty() ? std::span<const float>() : result.attention[c.hypothesis];
      const std::size_t place = writing_.add(c.token, live_[c.hypothesis].last, looked);
      if (c.token == options_.end || must_end) {
        Hypothesis& output = done_[source].emplace_back(writing_.output(place, c.log_probability));
        output.has_all = options_.contain.met(output.tokens) == options_.contain.total();
      } else {
        next.push_back({source, c.hypothesis, place, c.log_probability});
      }
    }
    if (done_[source].size() >= options_.beam) next.resize(already);
  }

  // The best `wanted` ways to go on, best first; where outputs must have runs of tokens so many of those that have all,
  // of those that lack one token, and so on.
  std::vector<Candidate> best_candidates(std::size_t first, std::size_t last, std::size_t wanted, std::size_t length,
                                         const BeamDecoder::Step& result) const {
    const WantedRuns& runs = options_.contain;
    std::vector<Best> best(runs.total() + 1);  // by how many tokens are met
    for (std::size_t h = first; h < last; ++h) {
      const std::span<const float> row = result.of(h);
      const std::vector<int> written = runs.total() > 0 ? writing_.tokens(live_[h].last) : std::vector<int>();
      const std::size_t met = runs.met_without(written);
      std::vector<int> barred = writing_.barred(live_[h].last, length);
      if (met < runs.total() && !std::ranges::binary_search(barred, options_.end)) {
        barred.insert(std::ranges::upper_bound(barred, options_.end), options_.end);
      }
      for_allowed(row.size(), barred, options_.end, [&](int token) {
        const bool of_run = std::ranges::binary_search(runs.tokens(), token);
        const Candidate candidate{live_[h].log_probability + static_cast<double>(row[static_cast<std::size_t>(token)]),
                                  h, token};
        best[of_run ? runs.met_with(written, token) : met].offer(candidate, wanted);
      });
    }
    std::vector<Candidate> all;
    for (std::size_t met = best.size(); met-- > 0;) {
      const std::vector<Candidate> ordered = std::move(best[met]).in_order();
      all.insert(all.end(), ordered.begin(), ordered.end());
    }
    return all;
  }

  BeamDecoder& decoder_;
  std::span<const std::size_t> most_tokens_;
  const BeamOptions& options_;
  Writing writing_;
  std::vector<Live> live_;  // those of a source together, sources in order
  std::vector<std::vector<Hypothesis>> done_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(BeamDecoder& decoder, std::span<const std::size_t> most_tokens,
                                                 const BeamOptions& options) {
  return Search(decoder, most_tokens, options).run();
}

}  // namespace recur
