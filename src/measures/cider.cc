#include "measures/cider.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/token_scanner.h"
#include "data/white_space.h"

namespace recur {
namespace {

// The n-grams of a caption, a blank, which no word has, between two words, and how often each is in it.
std::map<std::string, double> ngrams_of(const Cider::Words& words, std::size_t n) {
  std::map<std::string, double> counts;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    std::string ngram = words[i];
    for (std::size_t k = 1; k < n; ++k) ngram += ' ' + words[i + k];
    ++counts[ngram];
  }
  return counts;
}

}  // namespace

std::vector<std::string> caption_words(std::string_view text) {
  constexpr std::string_view kMarks = ".,?!:;-'\"`(){}[]";
  static const std::set<std::string_view> brackets = {"-lrb-", "-rrb-", "-lcb-", "-rcb-", "-lsb-", "-rsb-"};
  std::vector<std::string> words;
  for (const std::string& piece : cut_at_blanks(text)) {
    const std::string word = lower_case(piece);
    const std::size_t first = word.find_first_not_of(kMarks);
    if (first == std::string::npos || brackets.contains(word)) continue;
    words.push_back(word.substr(first, word.find_last_not_of(kMarks) + 1 - first));
  }
  return words;
}

Cider::Cider(std::span<const std::vector<Words>> references) : references_(references.size()) {
  for (const std::vector<Words>& of_picture : references) count_pictures(of_picture);
  for (std::size_t picture = 0; picture < references.size(); ++picture) {
    for (const Words& reference : references[picture]) references_[picture].push_back(weigh(reference));
  }
}

// An n-gram counts once for a picture, however many of its references have it.
void Cider::count_pictures(std::span<const Words> references) {
  std::set<std::string> ngrams;
  for (const Words& reference : references) {
    for (std::size_t n = 1; n <= kLongest; ++n) {
      for (const auto& [ngram, count] : ngrams_of(reference, n)) ngrams.insert(ngram);
    }
  }
  for (const std::string& ngram : ngrams) {
    const auto [number, is_new] = numbers_.try_emplace(ngram, pictures_with_.size());
    if (is_new) pictures_with_.push_back(0);
    ++pictures_with_[number->second];
  }
}

Cider::Weights Cider::weigh(const Words& words) const {
  Weights weights;
  weights.words = static_cast<double>(words.size());
  const double log_pictures = std::log(static_cast<double>(references_.size()));
  for (std::size_t n = 0; n < kLongest; ++n) {
    double squares = 0;
    for (const auto& [ngram, count] : ngrams_of(words, n + 1)) {
      const auto number = numbers_.find(ngram);
      const bool known = number != numbers_.end();  // else it weighs as what one picture has
      const double log_with = known ? std::log(static_cast<double>(pictures_with_[number->second])) : 0;
      const double weight = count * (log_pictures - log_with);
      squares += weight * weight;
      if (known) weights.terms[n].push_back({number->second, weight});
    }
    std::ranges::sort(weights.terms[n], {}, &Term::ngram);
    weights.norms[n] = std::sqrt(squares);
  }
  return weights;
}

double Cider::similarity(const Weights& caption, const Weights& reference) {
  constexpr double kDeviation = 6;
  const double difference = caption.words - reference.words;
  double sum = 0;
  for (std::size_t n = 0; n < kLongest; ++n) {
    const double norms = caption.norms[n] * reference.norms[n];
    if (norms == 0) continue;
    double product = 0;
    auto other = reference.terms[n].begin();
    for (const Term& term : caption.terms[n]) {
      while (other != reference.terms[n].end() && other->ngram < term.ngram) ++other;
      if (other == reference.terms[n].end()) break;
      if (other->ngram == term.ngram) product += std::min(term.weight, other->weight) * other->weight;
    }
    sum += product / norms;
  }
  return sum / kLongest * std::exp(-difference * difference / (2 * kDeviation * kDeviation));
}

double Cider::of(std::size_t picture, const Weights& caption) const {
  double sum = 0;
  for (const Weights& reference : references_[picture]) sum += similarity(caption, reference);
  return 10 * sum / static_cast<double>(references_[picture].size());
}

double Cider::of(std::size_t picture, const Words& caption) const { return of(picture, weigh(caption)); }

double Cider::mean(std::span<const Words> captions) const {
  double sum = 0;
  for (std::size_t picture = 0; picture < captions.size(); ++picture) sum += of(picture, captions[picture]);
  return sum / static_cast<double>(captions.size());
}

double Cider::mean_of_one(const Words& caption) const {
  const Weights weights = weigh(caption);
  double sum = 0;
  for (std::size_t picture = 0; picture < references_.size(); ++picture) sum += of(picture, weights);
  return sum / static_cast<double>(references_.size());
}

}  // namespace recur
