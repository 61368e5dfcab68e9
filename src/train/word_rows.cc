#include "train/word_rows.h"

#include <unordered_map>

namespace recur {

WordRows::WordRows(const Vocabulary& words, const LetterRange& letters) {
  std::unordered_map<std::uint64_t, int> places;
  for (int word = 0; word < words.size(); ++word) {
    std::vector<int> rows = {word};
    for (const std::uint64_t hash : letter_ngrams(words.token(word), letters)) {
      const auto [place, is_new] = places.emplace(hash, words.size() + static_cast<int>(hashes_.size()));
      if (is_new) hashes_.push_back(hash);
      rows.push_back(place->second);
    }
    rows_.add(rows);
  }
}

}  // namespace recur
