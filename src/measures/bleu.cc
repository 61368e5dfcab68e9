#include "measures/bleu.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace recur {
namespace {

using Numbers = std::unordered_map<std::string_view, int>;

std::vector<int> numbered(std::span<const std::string> tokens, Numbers& numbers) {
  std::vector<int> result;
  result.reserve(tokens.size());
  for (const std::string& token : tokens) {
    result.push_back(numbers.try_emplace(token, static_cast<int>(numbers.size())).first->second);
  }
  return result;
}

// The n-grams of a sequence, sorted.
std::vector<std::span<const int>> ngrams_of(std::span<const int> tokens, std::size_t n) {
  std::vector<std::span<const int>> ngrams;
  for (std::size_t i = 0; i + n <= tokens.size(); ++i) ngrams.push_back(tokens.subspan(i, n));
  std::ranges::sort(ngrams, std::ranges::lexicographical_compare);
  return ngrams;
}

}  // namespace

void Bleu::add(std::span<const std::string> reference, std::span<const std::string> hypothesis) {
  reference_tokens_ += reference.size();
  hypothesis_tokens_ += hypothesis.size();
  Numbers numbers;
  const std::vector<int> wanted = numbered(reference, numbers), found = numbered(hypothesis, numbers);
  for (std::size_t n = 1; n <= kLongest; ++n) {
    const auto in_reference = ngrams_of(wanted, n), in_hypothesis = ngrams_of(found, n);
    ngrams_[n - 1] += in_hypothesis.size();
    // An n-gram is in the intersection as often as it is in both.
    std::vector<std::span<const int>> both;
    std::ranges::set_intersection(in_reference, in_hypothesis, std::back_inserter(both),
                                  std::ranges::lexicographical_compare);
    matches_[n - 1] += both.size();
  }
}

double Bleu::score() const {
  double log_mean = 0;
  for (std::size_t n = 0; n < kLongest; ++n) {
    if (matches_[n] == 0) return 0;
    log_mean += std::log(static_cast<double>(matches_[n]) / static_cast<double>(ngrams_[n])) / kLongest;
  }
  const double ratio = static_cast<double>(reference_tokens_) / static_cast<double>(hypothesis_tokens_);
  return 100 * std::exp(log_mean + std::min(0.0, 1 - ratio));
}

}  // namespace recur
