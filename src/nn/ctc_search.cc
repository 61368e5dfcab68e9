#include "nn/ctc_search.h"

#include <algorithm>
#include <deque>

#include "base/log_add.h"

namespace recur {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

const float* row_of(const CtcSearch& search, std::size_t step) {
  return search.log_probabilities.data + step * search.log_probabilities.stride;
}

// A text that was followed: a node in the tree of all.
struct Prefix {
  std::size_t parent = kNoText;
  int token = -1;
  std::size_t text = 0;  // the scorer's
  double added = 0;      // by the scorer
  // log p of all paths that write it and end with a blank, or with its last token; and the same a step later.
  double blank = kLogOfZero, own = kLogOfZero, next_blank = kLogOfZero, next_own = kLogOfZero;
  bool followed = false;
  std::vector<std::size_t> children = {};

  double log_p() const { return log_add(blank, own); }
};

class Beam {
 public:
  Beam(const CtcSearch& search, std::size_t width, TextScorer* scorer)
      : search_(search), width_(width), scorer_(scorer) {
    prefixes_.push_back({.blank = 0, .followed = true});
    if (scorer != nullptr) prefixes_.front().text = scorer->begin();
    followed_ = {0};
  }

  void step(std::size_t step) {
    const float* log_p = row_of(search_, step);
    likely_tokens({log_p, search_.log_probabilities.columns}, search_.blank, search_.never, tokens_);
    for (const std::size_t i : followed_) stay(prefixes_[i], log_p);
    found_.clear();
    for (const std::size_t i : followed_) extend(i, log_p);
    keep_best();
  }

  std::vector<ScoredText> best(std::size_t most) const {
    return best_texts(prefixes_, followed_, scorer_, most, [](const Prefix& prefix) { return prefix.log_p(); });
  }

 private:
  // A prefix a step later that was not followed before: a new one, or one that had been left.
  struct Found {
    std::size_t parent;
    int token;
    double added, own;
  };
  struct Candidate {
    double score;
    std::size_t prefix, found;  // one of the two
  };

  void stay(Prefix& prefix, const float* log_p) const {
    prefix.next_blank = prefix.log_p() + static_cast<double>(log_p[search_.blank]);
    prefix.next_own = prefix.token < 0 ? kLogOfZero : prefix.own + static_cast<double>(log_p[prefix.token]);
  }

  // To prefixes that are followed paths are added; others are found.
  void extend(std::size_t i, const float* log_p) {
    for (const int token : tokens_) {
      const Prefix& prefix = prefixes_[i];
      const double from = token == prefix.token ? prefix.blank : prefix.log_p();
      const double own = from + static_cast<double>(log_p[token]);
      if (own == kLogOfZero) continue;
      const std::size_t child = child_of(prefixes_, i, token);
      if (child != kNoText && prefixes_[child].followed) {
        prefixes_[child].next_own = log_add(prefixes_[child].next_own, own);
        continue;
      }
      const std::optional<double> more = scorer_ == nullptr ? 0 : scorer_->score(prefix.text, token);
      if (more) found_.push_back({i, token, prefix.added + *more, own});
    }
  }

  void keep_best() {
    std::vector<Candidate> candidates;
    for (const std::size_t i : followed_) {
      Prefix& prefix = prefixes_[i];
      prefix.blank = prefix.next_blank;
      prefix.own = prefix.next_own;
      prefix.followed = false;
      candidates.push_back({prefix.log_p() + prefix.added, i, kNone});
    }
    for (std::size_t f = 0; f < found_.size(); ++f) candidates.push_back({found_[f].own + found_[f].added, kNone, f});
    std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::score);
    candidates.resize(std::min(candidates.size(), width_));
    followed_.clear();
    for (const Candidate& candidate : candidates) {
      const std::size_t i = candidate.found == kNone ? candidate.prefix : place(found_[candidate.found]);
      prefixes_[i].followed = true;
      followed_.push_back(i);
    }
  }

  std::size_t place(const Found& found) {
    std::size_t i = child_of(prefixes_, found.parent, found.token);
    if (i == kNoText) {
      i = prefixes_.size();
      prefixes_.push_back({.parent = found.parent, .token = found.token, .added = found.added});
      prefixes_[found.parent].children.push_back(i);
      if (scorer_ != nullptr) prefixes_[i].text = scorer_->append(prefixes_[found.parent].text, found.token);
    }
    prefixes_[i].blank = kLogOfZero;
    prefixes_[i].own = found.own;
    return i;
  }

  const CtcSearch& search_;
  std::size_t width_;
  TextScorer* scorer_;
  std::deque<Prefix> prefixes_;
  std::vector<std::size_t> followed_;
  std::vector<int> tokens_;
  std::vector<Found> found_;
};

}  // namespace

ScoredText ctc_best_path(const CtcSearch& search) {
  ScoredText text;
  int before = search.blank;
  for (std::size_t t = 0; t < search.log_probabilities.rows; ++t) {
    const float* row = row_of(search, t);
    const int best = likeliest_output({row, search.log_probabilities.columns}, search.blank, search.never);
    text.score += static_cast<double>(row[best]);
    if (best != search.blank && best != before) text.tokens.push_back(best);
    before = best;
  }
  return text;
}

std::vector<ScoredText> ctc_beam(const CtcSearch& search, std::size_t beam, std::size_t n_best, TextScorer* scorer) {
  Beam all(search, beam, scorer);
  for (std::size_t t = 0; t < search.log_probabilities.rows; ++t) all.step(t);
  return all.best(n_best);
}

std::vector<TokenPlace> ctc_places(const CtcSearch& search, std::span<const int> tokens) {
  // Viterbi over the states blank, token, blank, ..., token, blank.
  const std::size_t steps = search.log_probabilities.rows, states = 2 * tokens.size() + 1;
  const auto output = [&](std::size_t s) { return s % 2 == 0 ? search.blank : tokens[s / 2]; };
  std::vector<double> best(states, kLogOfZero), before;
  std::vector<unsigned char> back(steps * states, 0);  // how many states further back the path was a step before
  for (std::size_t t = 0; t < steps; ++t) {
    before = best;
    for (std::size_t s = 0; s < states; ++s) {
      double most = t == 0 ? (s < 2 ? 0 : kLogOfZero) : before[s];
      const auto look = [&](std::size_t distance) {
        if (t == 0 || s < distance || !(before[s - distance] > most)) return;
        most = before[s - distance];
        back[t * states + s] = static_cast<unsigned char>(distance);
      };
      look(1);
      if (s % 2 == 1 && s >= 2 && output(s) != output(s - 2)) look(2);
      best[s] = most + static_cast<double>(row_of(search, t)[output(s)]);
    }
  }
  std::vector<TokenPlace> places(tokens.size());
  std::size_t s = states - 1;
  if (states > 1 && best[states - 2] > best[states - 1]) s = states - 2;
  std::size_t after = kNone;
  for (std::size_t t = steps; t-- > 0;) {
    if (s % 2 == 1) {
      if (s != after) places[s / 2].last = t;
      places[s / 2].first = t;
    }
    after = s;
    s -= back[t * states + s];
  }
  return places;
}

}  // namespace recur
