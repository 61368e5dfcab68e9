// Subwords: pieces of words by byte-pair encoding (Sennrich, Haddow & Birch 2016), as SentencePiece learns them (Kudo &
// Richardson 2018). Ids 0, 1 and 2 are <unk>, <s> and </s>. A blank is part of the piece that follows it.
//
// A text whose characters are all in the vocabulary comes back from its ids as it was, to the byte. What the vocabulary
// lacks is <unk>, but for white space, which is then a space. Older models, in which piece 0 is spelled <unk>, read as
// they always did: they drop blanks at the ends and all but one of several, and take U+2581 for a blank.
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
  // `text` is UTF-8.
  std::vector<Piece> encode(std::string_view text) const;
  std::string decode(const std::vector<int>& ids) const;
  // A piece as it stands inside a text, with the blanks before it.
  std::string spelling(int id) const;
  // As SentencePiece has it: with U+2581 for a blank.
  const std::string& piece(int id) const;

 private:
  bool knows(std::string_view text) const;
  std::string spelled(std::string_view text) const;

  std::string model_;  // SentencePiece's own format, a protocol buffer
  std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor_;
  bool exact_ = false;          // texts come back as they were
  std::string unknown_blanks_;  // white space that the vocabulary lacks
};

}  // namespace recur
