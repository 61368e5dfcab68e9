// Which rows of a table of inputs make up a word: its own, and those of its n-grams of letters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/letter_ngrams.h"
#include "data/vocabulary.h"

namespace recur {

class WordRows {
 public:
  // Rows [0, words) are the words' own; the n-grams of all words follow, in the order of their first appearance.
  WordRows(const Vocabulary& words, const LetterRange& letters);

  std::span<const int> of(int word) const {
    const auto w = static_cast<std::size_t>(word);
    return std::span(rows_).subspan(begins_[w], begins_[w + 1] - begins_[w]);
  }
  std::size_t words() const { return begins_.size() - 1; }
  std::size_t ngrams() const { return hashes_.size(); }
  std::size_t count() const { return words() + ngrams(); }
  // Of each n-gram, see letter_ngrams().
  const std::vector<std::uint64_t>& hashes() const { return hashes_; }

 private:
  std::vector<int> rows_;
  std::vector<std::size_t> begins_ = {0};
  std::vector<std::uint64_t> hashes_;
};

}  // namespace recur
