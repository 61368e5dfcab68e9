// How text becomes tokens.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "recur/types/choices.h"

namespace recur {

// byte       the bytes of the text
// character  its Unicode code points
// word       what white space separates; a line ends with <eos>
// token      words and marks apart: runs of letters and digits, and single other characters; a line ends with <eos>
// subword    pieces of words that SentencePiece learns
enum class TokenizerKind { byte, character, word, token, subword };
template <>
inline constexpr auto choices<TokenizerKind> = std::array{
    Named{TokenizerKind::byte, "byte"}, Named{TokenizerKind::character, "char"}, Named{TokenizerKind::word, "word"},
    Named{TokenizerKind::token, "token"}, Named{TokenizerKind::subword, "subword"}};

class OptionList;  // recur/types/options.h

struct TokenizerOptions {
  // For words and tokens (and the characters of records).
  std::uint64_t min_count = 0;  // words that occur less often are dropped
  std::size_t max_vocab = 0;    // the largest vocabulary, specials included: the most frequent stay; 0: no limit
  // For characters, words and tokens: the text is read in lower case.
  bool lowercase = false;
  bool operator==(const TokenizerOptions&) const = default;
};

// How the texts of records become ids.
struct CodecOptions {
  TokenizerKind kind = TokenizerKind::word;  // of records not byte
  TokenizerOptions words;
  std::size_t subwords = 8000;  // the largest vocabulary of subwords, specials included
  bool operator==(const CodecOptions&) const = default;
};

// --subwords.
void list_subwords(OptionList& list, std::size_t& subwords);
// Of words: --min-count, --max-vocab and --lowercase.
void list_options(OptionList& list, TokenizerOptions& options);
void list_options(OptionList& list, CodecOptions& options);

}  // namespace recur
