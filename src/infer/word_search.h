// Which words of a table are most similar to given vectors.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/vocabulary.h"
#include "data/word_vectors.h"

namespace recur {

class WordSearch {
 public:
  // Throws Error for words of which one stands twice or is empty.
  explicit WordSearch(EmbeddingTable table);

  const EmbeddingTable& table() const { return table_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }

  // The place of a word as it stands or else in lower case; -1 where there is none.
  int place(std::string_view word) const;
  // Its vector, of length 1; of a word without a place made of its n-grams. Empty where that cannot be.
  std::vector<float> direction(std::string_view word) const;
  // The word of the vocabulary that is spelled most like it: the most frequent of several.
  const std::string& nearest_spelling(std::string_view word) const;

  struct Found {
    int word;
    float similarity;
  };
  struct Query {
    std::vector<float> direction;  // [width]
    std::vector<int> without;      // words that are no answer
  };
  // Of each query the `count` words whose vectors have the largest product with it, the largest first; equal ones in
  // the order of their places.
  std::vector<std::vector<Found>> search(std::span<const Query> queries, std::size_t count) const;

 private:
  EmbeddingTable table_;
  Vocabulary vocabulary_;
  std::vector<float> directions_;                          // [words, width], of length 1
  std::unordered_map<std::uint64_t, std::size_t> ngrams_;  // places by hash
};

// Scales a vector to length 1; one that is zero stays.
void normalise(std::span<float> vector);

}  // namespace recur
