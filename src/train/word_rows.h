// Which rows of a table of inputs make up a word: its own, and those of its n-grams of letters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/letter_ngrams.h"
#include "data/ragged.h"
#include "data/vocabulary.h"

namespace recur {

class WordRows {
 public:
  // Rows [0, words) are the words' own; the n-grams of all words follow, in the order of their first appearance.
  WordRows(const Vocabulary& words, const LetterRange& letters);

  std::span<const int> of(int word) const { return rows_[static_cast<std::size_t>(word)]; }
  std::size_t words() const { return rows_.size(); }
  std::size_t ngrams() const { return hashes_.size(); }
  std::size_t count() const { return words() + ngrams(); }
  // Of each n-gram, see letter_ngrams().
  const std::vector<std::uint64_t>& hashes() const { return hashes_; }

 private:
  Ragged<int> rows_;  // of each word
  std::vector<std::uint64_t> hashes_;
};

}  // namespace recur
