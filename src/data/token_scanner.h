// TokenScanner cuts text into pieces: bytes, characters, words, tokens, or subwords. It is the one place that knows
// where a piece ends, for a file of any size (read through a buffer of fixed size) and for text in memory.
//
//   byte       every byte.
//   character  every Unicode code point of UTF-8 text.
//   word       every run of bytes between blanks (space, \t, \v, \f, \r), UTF-8; and every line end \n is the piece
//              <eos>. In a file a last line without \n also ends in <eos>; text in memory may stop in mid-line.
//   token      words and marks apart: every run of letters (Unicode categories L and M), digits (N) and apostrophes
//              (' or \u2019) that stand between two letters; every other character that is no blank (as above, or of
//              category Z) is a piece of its own. Line ends are as for words.
//   subword    what Subwords of words make of every run of bytes that begins with a space or behind what is cut off,
//              and ends before the next space, a reserved character (Subwords::is_reserved, line ends among them) or at
//              Subwords::kLongestWord bytes; a reserved character is a piece of its own. The pieces, one behind the
//              other, are the text. Without Subwords the runs are the pieces.
//
// All but bytes: a byte-order mark at the very beginning of a file is no part of the text. Invalid UTF-8 throws Error
// with the file, the line (from 1) and the byte offset (from 0); so do a word longer than the buffer and, naming the
// file, UTF-16. In lower case every code point of a piece becomes the one that is its simple lower case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "data/subwords.h"
#include "data/vocabulary.h"
#include "recur/types/text.h"

namespace recur {

// Where reading goes on: the byte offset of what was not read yet, whether the line there has begun, and how many
// subwords of the word there were read.
struct TextPosition {
  std::uint64_t byte = 0;
  bool in_line = false;
  std::uint32_t subwords = 0;
};

// Whether the pieces are words and line ends.
constexpr bool has_words(TokenizerKind kind) { return kind == TokenizerKind::word || kind == TokenizerKind::token; }

class TokenScanner {
 public:
  static constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

  // Reads `file` in chunks of `chunk_bytes` (at least 4), which is also the longest word. `file` must outlive this.
  // Chunks for subwords are no shorter than a word may be.
  TokenScanner(const InputFile& file, TokenizerKind kind, std::size_t chunk_bytes = kChunkBytes, bool lowercase = false,
               std::shared_ptr<const Subwords> subwords = nullptr);
  // Reads `text`, which must outlive this; `name` is what messages call it.
  TokenScanner(std::string_view text, TokenizerKind kind, std::string name, bool lowercase = false,
               std::shared_ptr<const Subwords> subwords = nullptr);
  TokenScanner(TokenScanner&&) = default;
  TokenScanner& operator=(TokenScanner&&) = default;

  // Moves to the next piece; false at the end of the text. Allocates nothing, but for lower case room for a longer
  // piece than any before, and for subwords those of a word.
  bool next();
  // The piece, as it stands in the text (but <eos> for a line end, and in lower case if asked for); valid until the
  // next call of next() or seek().
  std::string_view piece() const { return piece_; }
  // Whether the piece ends a line, and is no word that is written like that.
  bool at_line_end() const {
    return has_words(kind_) ? piece_ == kEndOfLineToken && bytes_in_text_ <= 1 : piece_ == "\n";
  }
  // The piece as a number: its byte or code point; of subwords its id, and 0 for what Subwords do not know; 0 for words
  // and tokens.
  std::uint32_t code() const { return code_; }
  // How many bytes the piece has in the text.
  std::size_t bytes_in_text() const { return bytes_in_text_; }

  // Only for files: the place after the piece, and going back to such a place.
  TextPosition position() const {
    if (next_subword_ < subwords_of_word_.size()) return {word_byte_, in_line_, next_subword_};
    return {begin_byte_ + static_cast<std::uint64_t>(cursor_ - begin_), in_line_, 0};
  }
  void seek(TextPosition position);

 private:
  bool refill();
  void begin_file();
  struct Character {
    std::uint32_t code = 0;
    std::ptrdiff_t length = 0;  // in bytes; 0: there is none
  };
  Character look(std::ptrdiff_t offset);
  bool next_any();
  bool next_character();
  bool next_multibyte();
  bool next_word();
  bool next_token();
  bool next_subword();
  bool next_word_of_subwords();
  bool end_line();
  bool end_of_text();
  void make_lowercase();
  void check_word(std::string_view word, bool is_cut) const;
  [[noreturn]] void fail_too_long() const;
  [[noreturn]] void fail_at(const char* place, const std::string& problem) const;
  [[noreturn]] void fail_invalid(const char* place) const;

  TokenizerKind kind_;
  bool lowercase_;
  std::size_t longest_piece_ = 0;  // for files: of words and tokens
  const InputFile* file_;          // null for text in memory
  std::string name_;
  std::vector<char> buffer_;
  // The bytes at hand are [begin_, end_), of which [cursor_, end_) are unread; begin_ is at begin_byte_ of the text.
  const char* begin_ = nullptr;
  const char* cursor_ = nullptr;
  const char* end_ = nullptr;
  std::uint64_t begin_byte_ = 0;
  bool in_line_ = false;
  std::string_view piece_;
  std::uint32_t code_ = 0;
  std::size_t bytes_in_text_ = 0;
  std::vector<char> lowered_;  // the piece in lower case
  // Of subwords: those of a word that begins at a byte, and which comes next.
  std::shared_ptr<const Subwords> subwords_;
  std::vector<Subwords::Piece> subwords_of_word_;
  std::uint32_t next_subword_ = 0;
  std::uint64_t word_byte_ = 0;
};

inline bool TokenScanner::next_character() {
  if (cursor_ == end_ && !refill()) return false;
  const auto first = static_cast<unsigned char>(*cursor_);
  if (kind_ == TokenizerKind::character && first >= 0x80) return next_multibyte();
  piece_ = {cursor_++, 1};
  code_ = first;
  bytes_in_text_ = 1;
  return true;
}

inline bool TokenScanner::next() {
  return has_words(kind_) || kind_ == TokenizerKind::subword || lowercase_ ? next_any() : next_character();
}

// Every letter of a text in lower case. Throws Error for what is not UTF-8.
std::string lower_case(std::string_view text);

}  // namespace recur
