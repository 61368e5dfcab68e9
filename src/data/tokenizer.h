// A tokenizer turns text into the ids of a vocabulary and back.
//
// Built from the training text, the vocabulary is
//   byte       the bytes that occur, in order;
//   character  the Unicode code points that occur, in order;
//   word, token  <eos> and the words that occur, by descending frequency; words of the same frequency in the order of
//              their first appearance, <eos> and <unk> after them. If words are dropped (see TokenizerOptions), or if
//              the text itself holds <unk>, the vocabulary has <unk>, and every word that it lacks becomes <unk>.
//   subword    the reserved characters that occur, in order, and then pieces that SentencePiece learns of the words,
//              each with the blank before it.
// In lower case the text is read, and so the vocabulary is, in lower case. token_scanner.h says how text is cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "data/subwords.h"
#include "data/token_scanner.h"
#include "data/vocabulary.h"
#include "recur/types/text.h"

namespace recur {

// Parts of what Tokenizer::to_json() writes; they throw Error for what it cannot have written.
TokenizerKind kind_from_json(const nlohmann::json& json);
bool lowercase_from_json(const nlohmann::json& json);
std::vector<std::string> tokens_from_json(const nlohmann::json& json, TokenizerKind kind);
Subwords subwords_from_json(const nlohmann::json& json);
// Throws Error unless a scanner of this kind makes a single piece of `token`, which is token `id` of a vocabulary;
// returns its code.
std::uint32_t check_token(std::string_view token, std::size_t id, TokenizerKind kind, bool lowercase);

class Tokenizer {
 public:
  // What next() returns instead of an id.
  static constexpr int kEndOfText = -1;
  static constexpr int kUnseen = -2;

  // Throws Error if the vocabulary is not one of this kind (and in lower case if that is asked for), or if the kind is
  // subword.
  Tokenizer(TokenizerKind kind, Vocabulary vocabulary, bool lowercase = false);
  // One of subwords and these reserved characters. Throws Error if the subwords are not those of words, or if the
  // characters are not reserved ones.
  Tokenizer(Subwords subwords, std::vector<std::string> reserved);

  // Reads the file once, in chunks. `known`: what the vocabulary begins with, whether the file has it or not; not of
  // subwords, of which there are at most so many. Throws Error if the file is empty or not UTF-8 (a byte tokenizer
  // takes any bytes), or if the options make no sense.
  static Tokenizer build(const InputFile& file, TokenizerKind kind, const TokenizerOptions& options = {},
                         const std::vector<std::string>& known = {}, std::size_t subwords = 8000);

  // {"kind": "char", "tokens": ["a", ...]}, and "lowercase": true for a tokenizer that reads in lower case; the tokens
  // of a byte tokenizer are numbers from 0 to 255. Of subwords "tokens" are the reserved characters, and "model" is
  // base64 of SentencePiece's format.
  nlohmann::json to_json() const;
  // Trusts nothing: throws Error for whatever to_json() cannot have written.
  static Tokenizer from_json(const nlohmann::json& json);

  TokenizerKind kind() const { return kind_; }
  bool lowercase() const { return lowercase_; }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  // The id of <unk>, which stands for every piece that the vocabulary lacks; none where such pieces are unseen.
  std::optional<int> unknown() const { return missing_ == kUnseen ? std::nullopt : std::optional(missing_); }
  // Null of other kinds.
  const Subwords* subwords() const { return subwords_.get(); }

  // Scanners that cut text for this tokenizer; token_scanner.h says what must outlive them.
  TokenScanner scanner(const InputFile& file, std::size_t chunk_bytes = TokenScanner::kChunkBytes) const;
  TokenScanner scanner(std::string_view text, std::string name) const;

  // The id of the scanner's next piece; kUnseen if the vocabulary has neither the piece nor <unk>; kEndOfText. The
  // scanner must be one of this tokenizer.
  int next(TokenScanner& scanner) const;

  // The ids of a text in memory, where the last line need not end. Throws Error naming the first piece that the
  // vocabulary has neither itself nor <unk> for.
  std::vector<int> encode_prompt(std::string_view text) const;

  // The text of one token; the texts of all tokens one after the other read like the original. A word is followed by
  // a space, <eos> is a line end. A token of a byte tokenizer can be a part of a character.
  std::string decode(int id) const;

 private:
  static Tokenizer learn_subwords(const InputFile& file, std::size_t size);

  TokenizerKind kind_;
  bool lowercase_;
  Vocabulary vocabulary_;
  std::vector<int> code_ids_;  // by byte or code point: its id or kUnseen; empty for words
  int missing_ = kUnseen;      // what a piece becomes that the vocabulary lacks
  std::shared_ptr<const Subwords> subwords_;
  int first_subword_ = 0;  // what is added to their ids, which begin with specials
};

inline int Tokenizer::next(TokenScanner& scanner) const {
  if (!scanner.next()) return kEndOfText;
  if (has_words(kind_)) return vocabulary_.id(scanner.piece()).value_or(missing_);
  if (kind_ == TokenizerKind::subword) {
    if (scanner.code() == 0) return vocabulary_.id(scanner.piece()).value_or(missing_);
    return first_subword_ + static_cast<int>(scanner.code());
  }
  return scanner.code() < code_ids_.size() ? code_ids_[scanner.code()] : kUnseen;
}

}  // namespace recur
