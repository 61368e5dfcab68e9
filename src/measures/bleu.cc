#include "measures/bleu.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace recur {
namespace {

using WordNumbers = std::unordered_map<std::string_view, int>;

std::vector<int> numbered(std::span<const std::string> tokens, WordNumbers& numbers) {
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

// The length of the reference that is nearest to a hypothesis's, of two as near the shorter.
std::size_t nearest_length(std::span<const std::vector<std::string>> references, std::size_t length) {
  const auto order = [&](const std::vector<std::string>& reference) {
    const std::size_t size = reference.size();
    return std::pair(size < length ? length - size : size - length, size);
  };
  return std::ranges::min(references, {}, order).size();
}

}  // namespace

void Bleu::add(std::span<const std::string> reference, std::span<const std::string> hypothesis) {
  const std::vector<std::string> only(reference.begin(), reference.end());
  add(std::span(&only, 1), hypothesis);
}

void Bleu::add(std::span<const std::vector<std::string>> references, std::span<const std::string> hypothesis) {
  reference_tokens_ += nearest_length(references, hypothesis.size());
  hypothesis_tokens_ += hypothesis.size();
  WordNumbers numbers;
  std::vector<std::vector<int>> wanted;
  for (const std::vector<std::string>& reference : references) wanted.push_back(numbered(reference, numbers));
  const std::vector<int> found = numbered(hypothesis, numbers);
  constexpr auto before = std::ranges::lexicographical_compare;
  for (std::size_t n = 1; n <= kLongest; ++n) {
    // An n-gram is in a union as often as in the reference that has it most often, in an intersection as often as it is
    // in both.
    std::vector<std::span<const int>> in_references, all, both;
    for (const std::vector<int>& reference : wanted) {
      all.clear();
      std::ranges::set_union(in_references, ngrams_of(reference, n), std::back_inserter(all), before);
      std::swap(in_references, all);
    }
    const auto in_hypothesis = ngrams_of(found, n);
    std::ranges::set_intersection(in_references, in_hypothesis, std::back_inserter(both), before);
    ngrams_[n - 1] += in_hypothesis.size();
    matches_[n - 1] += both.size();
  }
}

Bleu& Bleu::operator+=(const Bleu& other) {
  for (std::size_t n = 0; n < kLongest; ++n) {
    matches_[n] += other.matches_[n];
    ngrams_[n] += other.ngrams_[n];
  }
  reference_tokens_ += other.reference_tokens_;
  hypothesis_tokens_ += other.hypothesis_tokens_;
  return *this;
}

double Bleu::score(std::size_t longest) const {
  double log_mean = 0;
  for (std::size_t n = 0; n < longest; ++n) {
    if (matches_[n] == 0) return 0;
    log_mean +=
        std::log(static_cast<double>(matches_[n]) / static_cast<double>(ngrams_[n])) / static_cast<double>(longest);
  }
  const double ratio = static_cast<double>(reference_tokens_) / static_cast<double>(hypothesis_tokens_);
  return 100 * std::exp(log_mean + std::min(0.0, 1 - ratio));
}

}  // namespace recur
