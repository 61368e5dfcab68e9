#include "nn/hypothesis.h"

#include <algorithm>
#include <cmath>

#include "base/finite.h"

namespace recur {
namespace {

// The sum over positions of log(min(1, how much the rows looked at them)).
double log_coverage(std::span<const std::vector<float>> attention) {
  std::vector<double> looked(attention.empty() ? 0 : attention.front().size());
  for (const std::vector<float>& row : attention) {
    for (std::size_t j = 0; j < row.size(); ++j) looked[j] += static_cast<double>(row[j]);
  }
  constexpr double kLeast = std::numeric_limits<float>::min();  // weights may be too small for a float
  double sum = 0;
  for (const double amount : looked) sum += std::log(std::clamp(amount, kLeast, 1.0));
  return sum;
}

}  // namespace

std::span<const float> BeamDecoder::Step::of(std::size_t hypothesis) const {
  const std::size_t count = tokens.empty() ? log_probabilities.columns : tokens[hypothesis];
  const std::span<const float> row(log_probabilities.data + hypothesis * log_probabilities.stride, count);
  check_results(row, "the log-probability of a token");  // NaNs have no order
  return row;
}

std::size_t Writing::add(int token, std::size_t last, std::span<const float> attention) {
  Node node{token, last, kNone, {}};
  if (!attention.empty()) {
    node.most_seen = static_cast<std::size_t>(std::ranges::max_element(attention) - attention.begin());
    if (options_.keep_attention || options_.coverage_penalty > 0)
      node.attention.assign(attention.begin(), attention.end());
  }
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

std::vector<int> Writing::tokens(std::size_t last) const {
  std::vector<int> tokens;
  for (std::size_t at = last; at != kNone; at = nodes_[at].before) tokens.push_back(nodes_[at].token);
  std::ranges::reverse(tokens);
  return tokens;
}

std::vector<int> Writing::barred(std::size_t last, std::size_t length) const {
  std::vector<int> barred = {options_.begin};
  if (length <= options_.min_output) barred.push_back(options_.end);
  if (options_.no_repeat > 0) add_repeating(last, barred);
  std::ranges::sort(barred);
  barred.erase(std::unique(barred.begin(), barred.end()), barred.end());
  return barred;
}

void Writing::add_repeating(std::size_t last, std::vector<int>& barred) const {
  const std::vector<int> written = tokens(last);
  // The last tokens, one less than a run has, and where they stand before that.
  const std::size_t run = options_.no_repeat - 1;
  if (written.size() < run) return;
  const std::span<const int> all(written), ending = all.last(run);
  for (std::size_t at = 0; at + run < all.size(); ++at) {
    if (std::ranges::equal(all.subspan(at, run), ending)) barred.push_back(all[at + run]);
  }
}

Hypothesis Writing::output(std::size_t last, double log_probability) const {
  Hypothesis h;
  h.log_probability = log_probability;
  h.ended = nodes_[last].token == options_.end;
  std::size_t length = 0;
  for (std::size_t at = last; at != kNone; at = nodes_[at].before) {
    const Node& node = nodes_[at];
    ++length;
    if (!node.attention.empty()) h.attention.push_back(node.attention);
    if (node.token == options_.end) continue;
    h.tokens.push_back(node.token);
    if (node.most_seen != kNone) h.most_seen.push_back(node.most_seen);
  }
  std::ranges::reverse(h.tokens);
  std::ranges::reverse(h.most_seen);
  std::ranges::reverse(h.attention);
  h.score = log_probability / std::pow(static_cast<double>(length), options_.length_penalty);
  if (options_.coverage_penalty > 0) h.score += options_.coverage_penalty * log_coverage(h.attention);
  return h;
}

}  // namespace recur
