// A text as word vectors are trained on it: the words that are frequent enough, in sentences. The file may have any
// size and is read piece by piece, as often as it takes.
//
// Words are those of a TokenScanner. A sentence ends with its line, or after 1,000 words. Words that are not frequent
// enough, and <unk> and <eos> where they stand in the text, have no vector and are left out: what stands on both sides
// of them are neighbours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/file.h"
#include "data/vocabulary.h"
#include "recur/types/text.h"

namespace recur {

class EmbeddingText {
 public:
  // Reads the file once: counts its words and notes where its slices begin. Throws Error if it has not two different
  // words that are frequent enough, or is no UTF-8. `kind` is word or token.
  EmbeddingText(const std::string& path, TokenizerKind kind, const TokenizerOptions& options);

  // By descending frequency; words of the same frequency in the order of their first appearance.
  const Vocabulary& vocabulary() const { return *vocabulary_; }
  // How often each stands in the whole text, and all together.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  std::uint64_t words() const { return words_; }
  // How many words of the text are not frequent enough.
  std::uint64_t rare() const { return rare_; }

  // The text in slices of some 8,192 words, whole sentences each.
  std::size_t slices() const { return slices_.size() - 1; }
  // How much of the text comes before the slice, from 0 to 1 (for slices()).
  double share_before(std::size_t slice) const {
    return static_cast<double>(slices_[slice].first_piece) / static_cast<double>(slices_.back().first_piece);
  }

  static constexpr int kSentenceEnd = -1;
  struct Slice {
    std::string bytes;
    std::vector<int> ids;  // of words, after each sentence kSentenceEnd
  };
  // Reads a slice; any number of threads at once. Throws Error if the file has been cut since.
  void read(std::size_t slice, Slice& to) const;

 private:
  struct Place {
    std::uint64_t byte = 0, first_piece = 0;
  };
  void count(TokenizerKind kind, const TokenizerOptions& options);

  InputFile file_;
  mutable std::mutex reading_;  // one thread at a time reads the file
  TokenizerKind kind_;
  bool lowercase_;
  std::unique_ptr<const Vocabulary> vocabulary_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t words_ = 0, rare_ = 0;
  std::vector<Place> slices_;  // and where the last ends
};

}  // namespace recur
