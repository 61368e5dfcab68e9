// TextCodec: the text of one record <-> ids.
//
// Ids 0, 1 and 2 are <unk>, <s> (begin) and </s> (end); then comes the vocabulary:
//   character    the code points that occur, by descending frequency, then in order;
//   word, token  the words that occur, by descending frequency, then in the order of their first appearance;
//   subword      pieces of words that SentencePiece learns (subwords.h).
// A record is one line: for words and tokens a line end inside a text is white space, and there is no <eos>.
// token_scanner.h says how text is cut.
//
// A text of which the vocabulary lacks nothing comes back from its ids: to the byte with characters and subwords, which
// so keep every blank; with words each run of white space has become one space; with tokens every mark stands apart,
// too. In lower case the text comes back in lower case. No text is a special: a word spelled <s> or </s> is a word like
// any other; one spelled <unk> is unknown, and comes back as it was.
//
// The codec of a language model's tokenizer has the tokenizer's ids and cuts text as the tokenizer does. It has no <s>
// and </s>; where the tokenizer has no <unk>, that is one id more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "data/subwords.h"
#include "data/tokenizer.h"
#include "data/vocabulary.h"
#include "data/vocabulary_counter.h"
#include "recur/types/text.h"

namespace recur {

class TextCodec {
 public:
  // Learns a vocabulary. For subwords it keeps the texts, two million drawn at random if there are more.
  class Builder {
   public:
    // Throws Error if the options make no sense, and then names their flags, which begin with `flags`.
    explicit Builder(const CodecOptions& options, std::string flags = {});
    // Throws Error if `text` is not UTF-8.
    void add(std::string_view text);
    // The vocabulary will begin with the tokens of another codec of the same kind, which may be a tokenizer's; subwords
    // are the other's, and where `bytes_too` is said of bytes, whatever the kind. False, and nothing
    // changes, if it is of another kind, or has capitals that this one has not.
    bool begin_with(const TextCodec& known, bool bytes_too = false);
    // Throws Error if there was no text, or if the vocabulary of subwords is too small for it.
    TextCodec build() const;

   private:
    void keep(std::string_view text);

    CodecOptions options_;
    std::string flags_;
    std::shared_ptr<const TextCodec> known_;
    VocabularyCounter counter_;
    std::vector<std::string> texts_;  // of subwords
    std::uint64_t text_count_ = 0;    // with those that were not kept
  };

  // The codec of a language model's tokenizer; it knows <unk>.
  static TextCodec of(const Tokenizer& tokenizer);

  // For characters, words and tokens {"kind": "word", "specials": true, "tokens": ["the", ...]}, the tokens without the
  // specials, and "lowercase": true if so; a word spelled <s> or </s> has a blank before it there. The codec of a
  // tokenizer is as Tokenizer::to_json() with "specials": false, and "unknown": true if <unk> is one id more;
  // {"kind": "subword", "model": base64 of SentencePiece's format}.
  nlohmann::json to_json() const;
  // Trusts nothing: throws Error for whatever to_json() cannot have written.
  static TextCodec from_json(const nlohmann::json& json);

  // What the vocabulary lacks becomes unknown(), or is left out if there is none. Throws Error if `text` is not UTF-8
  // (the codec of a byte tokenizer takes any bytes).
  std::vector<int> encode(std::string_view text) const;
  // Of what is one word by itself; unknown() where it is none of the vocabulary. Of codecs that have that.
  int word_id(std::string_view word) const;
  // What each id of encode() stands for in the text (in lower case, if so); subwords with the blanks before them.
  std::vector<std::string> pieces(std::string_view text) const;
  // By what pieces of texts are told apart, those of other codecs, too: each as it stands inside a text, whether the
  // vocabulary has it or not. A subword at the beginning has the blank that it stands for.
  std::vector<std::string> spellings(std::string_view text) const;
  std::string spelling(int id) const;
  // Words and tokens joined by spaces, characters by nothing, subwords as they were; without <s> and </s>. Each of
  // `ids` is in [0, size()).
  std::string decode(std::span<const int> ids) const;
  // What an id adds to a text after another, or as the text's first: a word comes with the blank before it.
  std::string added(std::optional<int> before, int id) const;
  // One id of the vocabulary, [0, size()), as it is spelled there.
  std::string piece(int id) const;
  // All of them, each as spelling() has it.
  std::vector<std::string> all_pieces() const;
  // Of subwords; null of other kinds.
  const Subwords* subwords() const;
  // The tokens of the vocabulary, but for those that have a meaning of their own; none of subwords.
  std::vector<std::string> own_tokens() const;
  int size() const;

  // None in the codec of a tokenizer that an older model file holds.
  std::optional<int> unknown() const;
  // Whether it has <s> and </s>: not the codec of a tokenizer.
  bool has_specials() const { return !std::holds_alternative<Tokenizer>(pieces_); }
  // Only if it has_specials().
  int begin() const;
  int end() const;
  // <s> and </s>, where it has them: ids that no text has.
  std::vector<int> specials() const;

  TokenizerKind kind() const { return kind_; }
  bool lowercase() const { return lowercase_; }
  // What decode() puts between two pieces: " " or "".
  std::string_view separator() const { return has_words(kind_) ? " " : ""; }

 private:
  // The vocabulary begins with the specials.
  using Pieces = std::variant<Tokenizer, Vocabulary, Subwords>;
  // A template, as g++ 12 warns of a variant that is only passed on.
  template <class P>
  TextCodec(TokenizerKind kind, bool lowercase, P pieces)
      : kind_(kind), lowercase_(lowercase), pieces_(std::in_place_type<P>, std::move(pieces)) {}

  // Calls use(id, piece) for each piece of the text.
  template <class Use>
  void for_each(std::string_view text, const Use& use) const;

  TokenizerKind kind_;
  bool lowercase_;
  Pieces pieces_;
  bool adds_unknown_ = false;  // to the ids of a tokenizer
};

}  // namespace recur
