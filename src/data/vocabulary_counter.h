// Counts the pieces of texts, and picks those that make a vocabulary: the one place that does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/token_scanner.h"
#include "data/vocabulary.h"
#include "recur/types/text.h"

namespace recur {

struct PieceCount {
  std::string text;
  std::uint64_t count = 0;
};

class VocabularyCounter {
 public:
  // Of pieces of this kind, any but subword.
  explicit VocabularyCounter(TokenizerKind kind) : kind_(kind) {}

  // Counts all that is left of a scanner of this kind.
  void add(TokenScanner& scanner);
  // Counts one piece; only of words and tokens.
  void add_word(std::string_view word);
  // The distinct pieces: words and tokens in the order of their first appearance, bytes and characters in order.
  std::vector<PieceCount> pieces() const;

 private:
  void add_words(TokenScanner& scanner);
  void add_codes(TokenScanner& scanner);

  TokenizerKind kind_;
  std::unordered_map<std::string, std::size_t, TokenHash, std::equal_to<>> places_;
  std::vector<PieceCount> words_;
  std::vector<std::uint64_t> code_counts_;  // by byte or code point
};

// Takes the piece `text` out of `pieces`; with count 0 if it is not there.
PieceCount take_out(std::vector<PieceCount>& pieces, std::string_view text);

// Sorts by descending count, pieces of the same count in the order that they had.
void sort_by_count(std::vector<PieceCount>& pieces);

// Keeps of pieces sorted by count those that occur `min_count` times or more, and no more than `most` of them. Returns
// how often those occur together that are dropped.
std::uint64_t keep_most_frequent(std::vector<PieceCount>& pieces, std::uint64_t min_count, std::size_t most);

}  // namespace recur
