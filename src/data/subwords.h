// Subwords: pieces of words by byte-pair encoding (Sennrich, Haddow & Birch 2016), as SentencePiece learns them (Kudo &
// Richardson 2018). Ids 0, 1 and 2 are <unk>, <s> and </s>. A blank is part of the piece that follows it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace recur {

class Subwords {
 public:
  struct Piece {
    int id;
    std::string text;  // as it stands in the text, with the blanks before it
  };

  // Learns a vocabulary of at most `size` pieces; the same texts give the same. Texts are UTF-8. Throws Error if `size`
  // has no room for the characters of the texts, or if the texts are blank.
  static Subwords learn(const std::vector<std::string>& texts, std::size_t size);
  // From what model() gave; throws Error for anything else.
  explicit Subwords(std::string model);

  const std::string& model() const { return model_; }
  int size() const;
  std::vector<Piece> encode(std::string_view text) const;
  std::string decode(const std::vector<int>& ids) const;
  const std::string& piece(int id) const;

 private:
  std::string model_;  // SentencePiece's own format, a protocol buffer
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
};

}  // namespace recur
