// Subwords: pieces of words by byte-pair encoding (Sennrich, Haddow & Birch 2016), as SentencePiece learns them (Kudo &
// Richardson 2018). Ids 0, 1 and 2 are <unk>, <s> and </s>. A blank is part of the piece that follows it. Those of
// whole texts read a blank before the first word, which so has the pieces of the same word inside; those of words, a
// part of a longer text each, read what is there.
//
// A text whose characters are all in the vocabulary comes back from its ids as it was, to the byte. What the vocabulary
// lacks is <unk>, but for white space, which is then a space. Older models, in which piece 0 is spelled <unk>, read as
// they always did: they drop blanks at the ends and all but one of several, and take U+2581 for a blank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sentencepiece {
class SentencePieceProcessor;
}

namespace recur {

struct PieceCount;  // data/vocabulary_counter.h

class Subwords {
 public:
  struct Piece {
    int id;
    std::string text;  // as it stands in the text, with the blanks before it
  };

  // Learns a vocabulary of at most `size` pieces; the same texts give the same. Texts are UTF-8. Throws Error if `size`
  // has no room for the characters of the texts, or if the texts are blank.
  static Subwords learn(const std::vector<std::string>& texts, std::size_t size, std::string_view flags = "");
  // The same of words, each counted, with at most one blank, at its beginning. They have no reserved characters.
  static Subwords learn_words(const std::vector<PieceCount>& words, std::size_t size);
  // From what model() gave; throws Error for anything else.
  explicit Subwords(std::string model);

  // Characters that SentencePiece does not read as they stand, or that end lines: control characters and its own blank
  // and unknown character. Whole texts may have them, words may not.
  static bool is_reserved(std::uint32_t code) { return code < 0x20 || code == 0x2581 || code == 0x2585; }
  static constexpr std::size_t kSpecials = 3;  // the ids before those of pieces of texts
  // The most bytes of a word: SentencePiece ends the program when it learns from one of tens of thousands of
  // characters.
  static constexpr std::size_t kLongestWord = 1000;

  const std::string& model() const { return model_; }
  // Whether they are those of words.
  bool of_words() const { return of_words_; }
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
  bool exact_ = false;  // texts come back as they were
  bool of_words_ = false;
  std::string unknown_blanks_;  // white space that the vocabulary lacks
};

}  // namespace recur
