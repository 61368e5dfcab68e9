#include "measures/rouge.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "measures/right_counts.h"

namespace recur {
namespace {

using Words = std::vector<std::string>;

constexpr std::array kKinds = {&RougeScores::rouge_1, &RougeScores::rouge_2, &RougeScores::rouge_l,
                               &RougeScores::rouge_lsum};

bool is_of_a_word(std::int32_t code) {
  const char category = utf8proc_category_string(code)[0];
  return category == 'L' || category == 'M' || category == 'N';
}

RougeScore score_of(std::size_t common, std::size_t wanted, std::size_t got) {
  const double precision = share_of(common, got), recall = share_of(common, wanted);
  const double sum = precision + recall;
  return {precision, recall, sum == 0 ? 0 : 2 * precision * recall / sum};
}

// n-grams, sorted: a blank, which no word has, stands between two words.
Words ngrams_of(std::span<const std::string> words, std::size_t n) {
  Words ngrams;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    std::string& ngram = ngrams.emplace_back(words[i]);
    for (std::size_t k = 1; k < n; ++k) ngram += ' ' + words[i + k];
  }
  std::ranges::sort(ngrams);
  return ngrams;
}

RougeScore rouge_n(std::span<const std::string> wanted, std::span<const std::string> got, std::size_t n) {
  const Words a = ngrams_of(wanted, n), b = ngrams_of(got, n);
  Words both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return score_of(both.size(), a.size(), b.size());
}

// [a.size() + 1, b.size() + 1]: how long the longest common subsequence of the first i and the first j words is.
class CommonLengths {
 public:
  CommonLengths(std::span<const std::string> a, std::span<const std::string> b)
      : columns_(b.size() + 1), lengths_((a.size() + 1) * columns_) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size(); ++j) {
        lengths_[(i + 1) * columns_ + j + 1] = a[i] == b[j] ? at(i, j) + 1 : std::max(at(i, j + 1), at(i + 1, j));
      }
    }
  }
  std::size_t at(std::size_t i, std::size_t j) const { return lengths_[i * columns_ + j]; }

 private:
  std::size_t columns_;
  std::vector<std::size_t> lengths_;
};

// Marks the words of `a` that are in its longest common subsequence with `b`; of several such the one that rouge-score
// finds from the end on: where both ways are as good, a word of `a` is left out.
void mark_common(std::span<const std::string> a, std::span<const std::string> b, std::vector<bool>& marks) {
  const CommonLengths lengths(a, b);
  for (std::size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      marks[i - 1] = true;
      --i;
      --j;
    } else if (lengths.at(i, j - 1) > lengths.at(i - 1, j)) {
      --j;
    } else {
      --i;
    }
  }
}

// The words of each line.
std::vector<Words> sentences_of(std::string_view text) {
  std::vector<Words> sentences;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    sentences.push_back(rouge_words(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return sentences;
}

std::size_t count_words(const std::vector<Words>& sentences, std::unordered_map<std::string, std::size_t>& counts) {
  std::size_t words = 0;
  for (const Words& sentence : sentences) {
    words += sentence.size();
    for (const std::string& word : sentence) ++counts[word];
  }
  return words;
}

RougeScore rouge_of_sentences(const std::vector<Words>& wanted, const std::vector<Words>& got) {
  std::unordered_map<std::string, std::size_t> left_wanted, left_got;  // how often each word may still count
  const std::size_t words_wanted = count_words(wanted, left_wanted), words_got = count_words(got, left_got);
  std::size_t common = 0;
  for (const Words& sentence : wanted) {
    std::vector<bool> marks(sentence.size());
    for (const Words& other : got) mark_common(sentence, other, marks);
    for (std::size_t i = 0; i < sentence.size(); ++i) {
      std::size_t &of_wanted = left_wanted[sentence[i]], &of_got = left_got[sentence[i]];
      if (!marks[i] || of_wanted == 0 || of_got == 0) continue;
      --of_wanted;
      --of_got;
      ++common;
    }
  }
  return score_of(common, words_wanted, words_got);
}

}  // namespace

std::vector<std::string> rouge_words(std::string_view text) {
  Words words;
  bool in_word = false;
  while (!text.empty()) {
    std::int32_t code = 0;
    const auto* const place = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const std::ptrdiff_t length = utf8proc_iterate(place, static_cast<std::ptrdiff_t>(text.size()), &code);
    const bool goes_on = length > 0 && is_of_a_word(code);  // a byte that is no UTF-8 is no word
    if (goes_on && !in_word) words.emplace_back();
    in_word = goes_on;
    if (goes_on) {
      std::array<utf8proc_uint8_t, 4> lower;
      const std::ptrdiff_t bytes = utf8proc_encode_char(utf8proc_tolower(code), lower.data());
      words.back().append(lower.begin(), lower.begin() + bytes);
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<std::ptrdiff_t>(length, 1)));
  }
  return words;
}

std::size_t common_length(std::span<const std::string> a, std::span<const std::string> b) {
  return CommonLengths(a, b).at(a.size(), b.size());
}

RougeScores rouge(std::string_view wanted, std::string_view got) {
  const Words a = rouge_words(wanted), b = rouge_words(got);
  return {rouge_n(a, b, 1), rouge_n(a, b, 2), score_of(common_length(a, b), a.size(), b.size()),
          rouge_of_sentences(sentences_of(wanted), sentences_of(got))};
}

void Rouge::add(std::string_view wanted, std::string_view got) { add(rouge(wanted, got)); }

void Rouge::add(std::span<const std::string> wanted, std::string_view got) {
  RougeScores best = rouge(wanted.front(), got);
  for (const std::string& text : wanted.subspan(1)) {
    const RougeScores scores = rouge(text, got);
    for (const auto kind : kKinds) {
      if ((scores.*kind).f1 > (best.*kind).f1) best.*kind = scores.*kind;
    }
  }
  add(best);
}

void Rouge::add(const RougeScores& scores) {
  for (const auto kind : kKinds) {
    (sums_.*kind).precision += (scores.*kind).precision;
    (sums_.*kind).recall += (scores.*kind).recall;
    (sums_.*kind).f1 += (scores.*kind).f1;
  }
  ++texts_;
}

RougeScores Rouge::result() const {
  RougeScores means;
  const double texts = std::max<double>(1, static_cast<double>(texts_));
  for (const auto kind : kKinds) {
    const RougeScore& sum = sums_.*kind;
    means.*kind = {sum.precision / texts, sum.recall / texts, sum.f1 / texts};
  }
  return means;
}

}  // namespace recur
