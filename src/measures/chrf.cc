#include "measures/chrf.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"
#include "data/white_space.h"

namespace recur {
namespace {

// A text without its white space, and where its characters begin, with the end.
struct Characters {
  explicit Characters(std::string_view given) {
    for (std::size_t i = 0; i < given.size();) {
      std::size_t next = i + 1;
      while (next < given.size() && !begins_character(given[next])) ++next;
      const std::string_view character = given.substr(i, next - i);
      i = next;
      if (is_blank_text(character)) continue;
      places.push_back(text.size());
      text += character;
    }
    places.push_back(text.size());
  }

  std::size_t ngrams(std::size_t n) const { return places.size() > n ? places.size() - n : 0; }
  std::string_view ngram(std::size_t i, std::size_t n) const {
    return std::string_view(text).substr(places[i], places[i + n] - places[i]);
  }

  std::string text;
  std::vector<std::size_t> places;
};

}  // namespace

ChrF::Statistics ChrF::compare(std::string_view reference, std::string_view hypothesis) {
  const Characters wanted(reference), found(hypothesis);
  Statistics statistics{};
  for (std::size_t n = 1; n <= kLongest; ++n) {
    Counts& counts = statistics[n - 1];
    counts.reference = wanted.ngrams(n);
    if (counts.reference == 0) break;  // nor are the hypothesis's counted then
    counts.hypothesis = found.ngrams(n);
    std::unordered_map<std::string_view, std::uint64_t> left;  // of the reference's, each to be matched once
    for (std::size_t i = 0; i < counts.reference; ++i) ++left[wanted.ngram(i, n)];
    for (std::size_t i = 0; i < counts.hypothesis; ++i) {
      const auto place = left.find(found.ngram(i, n));
      if (place == left.end() || place->second == 0) continue;
      --place->second;
      ++counts.both;
    }
  }
  return statistics;
}

double ChrF::score_of(const Statistics& statistics) {
  double precision = 0, recall = 0;
  std::size_t orders = 0;
  for (const Counts& counts : statistics) {
    if (counts.hypothesis == 0 || counts.reference == 0) continue;
    precision += static_cast<double>(counts.both) / static_cast<double>(counts.hypothesis);
    recall += static_cast<double>(counts.both) / static_cast<double>(counts.reference);
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= static_cast<double>(orders);
  recall /= static_cast<double>(orders);
  return 100 * 5 * precision * recall / (4 * precision + recall);
}

void ChrF::add(std::span<const std::string> references, std::string_view hypothesis) {
  Statistics best{};
  double highest = -1;
  for (const std::string& reference : references) {
    const Statistics statistics = compare(reference, hypothesis);
    const double score = score_of(statistics);
    if (score <= highest) continue;
    highest = score;
    best = statistics;
  }
  for (std::size_t n = 0; n < kLongest; ++n) {
    sum_[n].hypothesis += best[n].hypothesis;
    sum_[n].reference += best[n].reference;
    sum_[n].both += best[n].both;
  }
}

}  // namespace recur
