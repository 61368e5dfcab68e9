#include "measures/summary_baselines.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "data/white_space.h"
#include "measures/rouge.h"

namespace recur {
namespace {

constexpr std::size_t kStarts = 11, kMostWords = 40;
using Table = std::array<std::array<double, kMostWords>, kStarts>;  // of each start and number of words less one

std::vector<std::string> beginning_of(std::string_view source) {
  std::vector<std::string> words = rouge_words(source);
  words.resize(std::min(words.size(), kStarts + kMostWords));
  return words;
}

// The F1 of every span with one text that was wanted, where it is above what stands in the table.
void raise(const std::vector<std::string>& source, const std::string& wanted, Table& best) {
  std::unordered_map<std::string, std::size_t> counts;
  const std::vector<std::string> words = rouge_words(wanted);
  for (const std::string& word : words) ++counts[word];
  for (std::size_t start = 0; start < kStarts; ++start) {
    std::unordered_map<std::string, std::size_t> left = counts;
    std::size_t common = 0, taken = 0;
    for (std::size_t n = 0; n < kMostWords; ++n) {  // behind the source's end a longer span is the same
      if (start + n < source.size()) {
        ++taken;
        const auto found = left.find(source[start + n]);
        if (found != left.end() && found->second > 0) {
          --found->second;
          ++common;
        }
      }
      if (common == 0) continue;
      const double f1 = 2 * static_cast<double>(common) / static_cast<double>(taken + words.size());
      best[start][n] = std::max(best[start][n], f1);
    }
  }
}

}  // namespace

std::string_view first_sentence(std::string_view text) {
  const auto blank_at = [&](std::size_t i) { return is_blank(static_cast<unsigned char>(text[i])); };
  while (!text.empty() && blank_at(0)) text.remove_prefix(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return text.substr(0, i);
    const bool mark = text[i] == '.' || text[i] == '!' || text[i] == '?';
    if (mark && (i + 1 == text.size() || blank_at(i + 1))) return text.substr(0, i + 1);
  }
  return text;
}

SourceSpan best_span(std::span<const OutputGroup> groups) {
  Table sums{};
  for (const OutputGroup& group : groups) {
    Table best{};
    const std::vector<std::string> source = beginning_of(group.source);
    for (const std::string& wanted : group.wanted) raise(source, wanted, best);
    for (std::size_t start = 0; start < kStarts; ++start) {
      for (std::size_t n = 0; n < kMostWords; ++n) sums[start][n] += best[start][n];
    }
  }
  SourceSpan span{0, 1};
  for (std::size_t start = 0; start < kStarts; ++start) {
    for (std::size_t n = 0; n < kMostWords; ++n) {
      if (sums[start][n] > sums[span.start][span.words - 1]) span = {start, n + 1};
    }
  }
  return span;
}

std::string cut_span(std::string_view source, const SourceSpan& span) {
  const std::vector<std::string> words = rouge_words(source);
  std::string text;
  for (std::size_t i = span.start; i < std::min(span.start + span.words, words.size()); ++i) {
    if (i > span.start) text += ' ';
    text += words[i];
  }
  return text;
}

}  // namespace recur
