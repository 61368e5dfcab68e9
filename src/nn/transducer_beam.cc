#include <algorithm>
#include <deque>
#include <memory>
#include <queue>

#include "base/log_add.h"
#include "nn/transducer_search.h"

namespace recur {
namespace {

// A text that was looked at: a node in the tree of all.
struct Prefix {
  std::size_t parent = kNoText;
  int token = -1;
  std::size_t text = 0;       // the scorer's
  double added = 0;           // by the scorer
  double log_p = kLogOfZero;  // of all paths that write it up to here
  bool followed = false;
  std::vector<std::size_t> children = {};
  std::unique_ptr<const TransducerStepper::Text> read = {};  // null where it is no longer needed
  std::vector<float> outputs = {};                           // log p of each, at the step `outputs_of`
  std::size_t outputs_of = static_cast<std::size_t>(-1);
};

// A text that may be continued at this step: a followed one, or one that `token` would make of `prefix`.
struct Open {
  double score, log_p;
  std::size_t prefix;
  int token;              // -1: the prefix itself
  double added;           // by the scorer
  std::size_t written;    // tokens at this step
  std::size_t found = 0;  // of equals, the first goes first

  bool operator<(const Open& other) const {  // worse ones first
    return score < other.score || (score == other.score && found > other.found);
  }
};

class Beam {
 public:
  Beam(const TransducerSearch& search, std::size_t width, TextScorer* scorer)
      : search_(search), width_(width), scorer_(scorer) {
    Prefix& empty = prefixes_.emplace_back();
    empty.log_p = 0;
    empty.followed = true;
    if (scorer != nullptr) empty.text = scorer->begin();
    empty.read = std::make_unique<TransducerStepper::Text>(search.stepper.empty());
    read_ = followed_ = {0};
  }

  void step(std::size_t t) {
    step_ = t;
    merge_prefixes();
    std::priority_queue<Open> open;
    found_ = 0;
    for (const std::size_t i : followed_) {
      const Prefix& prefix = prefixes_[i];
      open.push({prefix.log_p + prefix.added, prefix.log_p, i, -1, prefix.added, 0, found_++});
    }
    std::vector<Gone> gone;  // best first
    const std::size_t most = width_ * (search_.most_a_step + 1);
    const auto may_improve = [&] { return gone.size() < width_ || gone[width_ - 1].score <= open.top().score; };
    while (!open.empty() && gone.size() < most && may_improve()) {
      const Open best = open.top();
      open.pop();
      const std::size_t i = best.token < 0 ? best.prefix : place(best);
      prefixes_[i].log_p = best.log_p + static_cast<double>(outputs(i)[blank()]);
      const Gone next{prefixes_[i].log_p + best.added, i};
      gone.insert(std::ranges::upper_bound(gone, next.score, std::greater<>(), &Gone::score), next);
      if (best.written < search_.most_a_step) extend(i, best, open);
    }
    follow(gone);
    forget();
  }

  std::vector<ScoredText> best(std::size_t most) const {
    return best_texts(prefixes_, followed_, scorer_, most, [](const Prefix& prefix) { return prefix.log_p; });
  }

 private:
  // A text that has gone on to the next step.
  struct Gone {
    double score;
    std::size_t prefix;
  };

  std::size_t blank() const { return static_cast<std::size_t>(search_.stepper.transducer().blank()); }

  // The text as it was read; once more where that was forgotten and a text comes back that it stands behind.
  const TransducerStepper::Text& read(std::size_t i) {
    Prefix& prefix = prefixes_[i];
    if (prefix.read == nullptr) {
      prefix.read =
          std::make_unique<TransducerStepper::Text>(search_.stepper.append(read(prefix.parent), prefix.token));
      read_.push_back(i);
    }
    return *prefix.read;
  }

  // Log p at this step after the text.
  const std::vector<float>& outputs(std::size_t i) {
    Prefix& prefix = prefixes_[i];
    if (prefix.outputs_of == step_) return prefix.outputs;
    prefix.outputs.resize(search_.stepper.transducer().outputs());
    search_.stepper.log_probabilities(search_.encoded.data + step_ * search_.encoded.stride, read(i), prefix.outputs);
    prefix.outputs_of = step_;
    return prefix.outputs;
  }

  // How far before it the shortest text stands that is followed, too, and that may become this one at one step; 0:
  // none.
  std::size_t farthest(std::size_t i) const {
    std::size_t far = 0;
    for (std::size_t d = 1; d <= search_.most_a_step; ++d) {
      i = prefixes_[i].parent;
      if (i == kNoText) break;
      if (prefixes_[i].followed) far = d;
    }
    return far;
  }

  // Adds to each followed text the paths that others, which it begins with, take to it at this step.
  void merge_prefixes() {
    std::vector<double> sums;
    for (const std::size_t i : followed_) {
      double sum = prefixes_[i].log_p, log_p = 0;
      std::size_t at = i;
      for (std::size_t left = farthest(i); left > 0; --left) {
        const std::size_t parent = prefixes_[at].parent;
        log_p += static_cast<double>(outputs(parent)[static_cast<std::size_t>(prefixes_[at].token)]);
        if (prefixes_[parent].followed) sum = log_add(sum, prefixes_[parent].log_p + log_p);
        at = parent;
      }
      sums.push_back(sum);
    }
    for (std::size_t f = 0; f < sums.size(); ++f) prefixes_[followed_[f]].log_p = sums[f];
  }

  // A text with one more token; those that are followed have been added to.
  void extend(std::size_t i, const Open& from, std::priority_queue<Open>& open) {
    const std::vector<float>& log_p = outputs(i);
    likely_tokens(log_p, search_.stepper.transducer().blank(), search_.never, tokens_);
    for (const int token : tokens_) {
      const std::size_t child = child_of(prefixes_, i, token);
      if (child != kNoText && prefixes_[child].followed) continue;
      const std::optional<double> more = scorer_ == nullptr ? 0 : scorer_->score(prefixes_[i].text, token);
      if (!more) continue;
      const double longer = from.log_p + static_cast<double>(log_p[static_cast<std::size_t>(token)]);
      const double added = from.added + *more;
      open.push({longer + added, longer, i, token, added, from.written + 1, found_++});
    }
  }

  // The text that an open one is.
  std::size_t place(const Open& found) {
    std::size_t i = child_of(prefixes_, found.prefix, found.token);
    if (i == kNoText) {
      i = prefixes_.size();
      Prefix& prefix = prefixes_.emplace_back();
      prefix.parent = found.prefix;
      prefix.token = found.token;
      prefix.added = found.added;
      if (scorer_ != nullptr) prefix.text = scorer_->append(prefixes_[found.prefix].text, found.token);
      prefixes_[found.prefix].children.push_back(i);
    }
    return i;
  }

  void follow(std::span<const Gone> gone) {
    for (const std::size_t i : followed_) prefixes_[i].followed = false;
    followed_.clear();
    for (const Gone& one : gone.first(std::min(gone.size(), width_))) {
      prefixes_[one.prefix].followed = true;
      followed_.push_back(one.prefix);
    }
  }

  // What no followed text needs, nor a way from one to another.
  void forget() {
    std::vector<std::size_t> needed;
    for (const std::size_t i : followed_) {
      std::size_t at = i;
      needed.push_back(at);
      for (std::size_t left = farthest(i); left > 0; --left) needed.push_back(at = prefixes_[at].parent);
    }
    std::ranges::sort(needed);
    const auto unneeded = [&](std::size_t i) {
      if (std::ranges::binary_search(needed, i)) return false;
      prefixes_[i].read.reset();
      prefixes_[i].outputs = {};
      return true;
    };
    std::erase_if(read_, unneeded);
  }

  const TransducerSearch& search_;
  std::size_t width_;
  TextScorer* scorer_;
  std::deque<Prefix> prefixes_;
  std::vector<std::size_t> followed_, read_;
  std::vector<int> tokens_;
  std::size_t step_ = 0, found_ = 0;
};

}  // namespace

std::vector<ScoredText> transducer_beam(const TransducerSearch& search, std::size_t beam, std::size_t n_best,
                                        TextScorer* scorer) {
  Beam all(search, beam, scorer);
  for (std::size_t t = 0; t < search.encoded.rows; ++t) all.step(t);
  return all.best(n_best);
}

}  // namespace recur
