#include "data/token_scanner.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "data/utf16.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

constexpr std::ptrdiff_t kLongestCharacter = 4;

// Behind the longest piece: an apostrophe and the character after it, which tell where a token ends.
constexpr std::size_t kLookAhead = 7;
constexpr std::uint32_t kRightQuote = 0x2019;

bool is_blank_in_line(char c) { return c == ' ' || c == '\t' || (c >= '\v' && c <= '\r'); }
bool ends_word(char c) { return static_cast<unsigned char>(c) <= ' ' && (is_blank_in_line(c) || c == '\n'); }

// The length of the character that `text` begins with, or a negative number if that is no UTF-8.
std::ptrdiff_t decode_character(const char* text, std::ptrdiff_t length, std::int32_t& code) {
  return utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text), length, &code);
}

enum class CharacterClass { letter, digit, blank, mark };

// A line end is a mark.
CharacterClass class_of(std::uint32_t code) {
  if (code < 0x80) {
    const auto c = static_cast<char>(code);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return CharacterClass::letter;
    if (c >= '0' && c <= '9') return CharacterClass::digit;
    return is_blank_in_line(c) ? CharacterClass::blank : CharacterClass::mark;
  }
  switch (utf8proc_category_string(static_cast<utf8proc_int32_t>(code))[0]) {
    case 'L':
    case 'M':
      return CharacterClass::letter;
    case 'N':
      return CharacterClass::digit;
    case 'Z':
      return CharacterClass::blank;
    default:
      return CharacterClass::mark;
  }
}

std::uint32_t lowercase_of(std::uint32_t code) {
  if (code < 0x80) return code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
  return static_cast<std::uint32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code)));
}

std::uint64_t line_of(const InputFile& file, std::uint64_t byte) {
  std::array<char, 1 << 16> buffer;
  std::uint64_t line = 1;
  for (std::uint64_t begin = 0; begin < byte;) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), byte - begin));
    const std::size_t got = file.read(begin, std::span(buffer).first(wanted));
    if (got == 0) break;
    line += static_cast<std::uint64_t>(std::count(buffer.data(), buffer.data() + got, '\n'));
    begin += got;
  }
  return line;
}

[[maybe_unused]] bool can_be_lowercase(TokenizerKind kind) {
  return kind != TokenizerKind::byte && kind != TokenizerKind::subword;
}

}  // namespace

TokenScanner::TokenScanner(const InputFile& file, TokenizerKind kind, std::size_t chunk_bytes, bool lowercase,
                           std::shared_ptr<const Subwords> subwords)
    : kind_(kind),
      lowercase_(lowercase),
      longest_piece_(chunk_bytes),
      file_(&file),
      name_(file.name()),
      buffer_(chunk_bytes + kLookAhead),
      subwords_(std::move(subwords)) {
  assert(chunk_bytes >= static_cast<std::size_t>(kLongestCharacter));
  assert(kind != TokenizerKind::subword || chunk_bytes >= Subwords::kLongestWord);
  assert(can_be_lowercase(kind) || !lowercase);
  seek({});
}

TokenScanner::TokenScanner(std::string_view text, TokenizerKind kind, std::string name, bool lowercase,
                           std::shared_ptr<const Subwords> subwords)
    : kind_(kind),
      lowercase_(lowercase),
      file_(nullptr),
      name_(std::move(name)),
      begin_(text.data()),
      cursor_(text.data()),
      end_(text.data() + text.size()),
      subwords_(std::move(subwords)) {
  assert(can_be_lowercase(kind) || !lowercase);
}

void TokenScanner::seek(TextPosition position) {
  assert(file_ != nullptr);
  begin_ = cursor_ = end_ = buffer_.data();
  begin_byte_ = position.byte;
  in_line_ = position.in_line;
  subwords_of_word_.clear();
  next_subword_ = 0;
  if (position.subwords == 0 || !next_word_of_subwords()) return;
  // Of a file that has changed the word may have fewer.
  next_subword_ = std::min(position.subwords, static_cast<std::uint32_t>(subwords_of_word_.size()));
}

void TokenScanner::begin_file() {
  if (kind_ == TokenizerKind::byte) return;
  const std::string_view begin(cursor_, static_cast<std::size_t>(end_ - cursor_));
  refuse_utf16(begin, name_);
  if (begin.starts_with(kByteOrderMark)) cursor_ += kByteOrderMark.size();
}

// Moves the unread bytes to the front of the buffer and fills the rest; false if nothing came.
bool TokenScanner::refill() {
  if (file_ == nullptr) return false;
  const auto unread = static_cast<std::size_t>(end_ - cursor_);
  begin_byte_ += static_cast<std::uint64_t>(cursor_ - begin_);
  std::memmove(buffer_.data(), cursor_, unread);
  const std::size_t got = file_->read(begin_byte_ + unread, std::span(buffer_).subspan(unread));
  begin_ = cursor_ = buffer_.data();
  end_ = begin_ + unread + got;
  if (begin_byte_ == 0 && unread == 0) begin_file();
  return cursor_ + unread != end_;
}

bool TokenScanner::next_any() {
  const bool found = kind_ == TokenizerKind::word      ? next_word()
                     : kind_ == TokenizerKind::token   ? next_token()
                     : kind_ == TokenizerKind::subword ? next_subword()
                                                       : next_character();
  if (found && lowercase_) make_lowercase();
  return found;
}

bool TokenScanner::next_multibyte() {
  const Character character = look(0);
  piece_ = {cursor_, static_cast<std::size_t>(character.length)};
  code_ = character.code;
  bytes_in_text_ = piece_.size();
  cursor_ += character.length;
  return true;
}

// The character `offset` bytes from the cursor.
TokenScanner::Character TokenScanner::look(std::ptrdiff_t offset) {
  if (end_ - cursor_ == offset && !refill()) return {};
  const auto first = static_cast<unsigned char>(cursor_[offset]);
  if (first < 0x80) return {first, 1};
  if (end_ - cursor_ - offset < kLongestCharacter) refill();
  std::int32_t code = 0;
  const char* const place = cursor_ + offset;
  const std::ptrdiff_t length = decode_character(place, std::min(end_ - place, kLongestCharacter), code);
  if (length <= 0) fail_invalid(place);
  return {static_cast<std::uint32_t>(code), length};
}

bool TokenScanner::next_word() {
  for (;;) {
    while (cursor_ != end_ && is_blank_in_line(*cursor_)) {
      ++cursor_;
      in_line_ = true;
    }
    if (cursor_ != end_) break;
    if (!refill()) return end_of_text();
  }
  if (*cursor_ == '\n') return end_line();
  in_line_ = true;
  const char* word_end = cursor_;
  unsigned char any_bits = 0;
  for (;;) {
    for (; word_end != end_ && !ends_word(*word_end); ++word_end) any_bits |= static_cast<unsigned char>(*word_end);
    const std::ptrdiff_t length = word_end - cursor_;
    if (file_ != nullptr && static_cast<std::size_t>(length) > longest_piece_) {
      check_word({cursor_, static_cast<std::size_t>(length)}, true);
      fail_too_long();
    }
    if (word_end != end_) break;
    const bool got_more = refill();
    word_end = cursor_ + length;
    if (!got_more) break;
  }
  piece_ = {cursor_, static_cast<std::size_t>(word_end - cursor_)};
  bytes_in_text_ = piece_.size();
  if (any_bits >= 0x80) check_word(piece_, false);
  cursor_ = word_end;
  return true;
}

bool TokenScanner::next_token() {
  Character first = look(0);
  for (; first.length > 0 && class_of(first.code) == CharacterClass::blank; first = look(0)) {
    cursor_ += first.length;
    in_line_ = true;
  }
  if (first.length == 0) return end_of_text();
  if (first.code == '\n') return end_line();
  in_line_ = true;
  std::ptrdiff_t length = first.length;
  for (CharacterClass last = class_of(first.code); last == CharacterClass::letter || last == CharacterClass::digit;) {
    if (file_ != nullptr && static_cast<std::size_t>(length) > longest_piece_) fail_too_long();
    Character next = look(length);
    std::ptrdiff_t longer = next.length;
    const bool is_apostrophe = next.length > 0 && (next.code == '\'' || next.code == kRightQuote);
    if (is_apostrophe && last == CharacterClass::letter) {
      next = look(length + longer);
      if (next.length == 0 || class_of(next.code) != CharacterClass::letter) break;
      longer += next.length;
    }
    last = next.length == 0 ? CharacterClass::mark : class_of(next.code);
    if (last == CharacterClass::letter || last == CharacterClass::digit) length += longer;
  }
  piece_ = {cursor_, static_cast<std::size_t>(length)};
  bytes_in_text_ = piece_.size();
  cursor_ += length;
  return true;
}

bool TokenScanner::next_subword() {
  if (next_subword_ == subwords_of_word_.size() && !next_word_of_subwords()) return false;
  if (subwords_of_word_.empty()) return true;  // the word itself
  const Subwords::Piece& subword = subwords_of_word_[next_subword_++];
  piece_ = subword.text;
  code_ = static_cast<std::uint32_t>(subword.id);
  bytes_in_text_ = piece_.size();
  return true;
}

// Moves to the next run of bytes and cuts it; a reserved character, and without Subwords each, is the piece itself.
bool TokenScanner::next_word_of_subwords() {
  subwords_of_word_.clear();
  next_subword_ = 0;
  const Character first = look(0);
  if (first.length == 0) return false;
  const auto ends_before = [](const Character& c) {
    return c.length == 0 || c.code == ' ' || Subwords::is_reserved(c.code);
  };
  const bool reserved = Subwords::is_reserved(first.code);
  std::ptrdiff_t length = first.length;
  for (Character next = look(length); !reserved && !ends_before(next); next = look(length)) {
    if (static_cast<std::size_t>(length + next.length) > Subwords::kLongestWord) break;
    length += next.length;
  }
  word_byte_ = begin_byte_ + static_cast<std::uint64_t>(cursor_ - begin_);
  piece_ = {cursor_, static_cast<std::size_t>(length)};
  code_ = 0;
  bytes_in_text_ = piece_.size();
  cursor_ += length;
  if (subwords_ != nullptr && !reserved) subwords_of_word_ = subwords_->encode(piece_);
  return true;
}

bool TokenScanner::end_line() {
  ++cursor_;
  in_line_ = false;
  piece_ = kEndOfLineToken;
  bytes_in_text_ = 1;
  return true;
}

bool TokenScanner::end_of_text() {
  if (file_ == nullptr || !in_line_) return false;
  in_line_ = false;
  piece_ = kEndOfLineToken;
  bytes_in_text_ = 0;
  return true;
}

void TokenScanner::make_lowercase() {
  lowered_.clear();
  for (const char* place = piece_.data(); place != piece_.data() + piece_.size();) {
    std::int32_t code = 0;
    place += decode_character(place, piece_.data() + piece_.size() - place, code);
    const std::uint32_t lower = lowercase_of(static_cast<std::uint32_t>(code));
    std::array<utf8proc_uint8_t, kLongestCharacter> bytes;
    const std::ptrdiff_t length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(lower), bytes.data());
    lowered_.insert(lowered_.end(), bytes.begin(), bytes.begin() + length);
    if (kind_ == TokenizerKind::character) code_ = lower;
  }
  piece_ = {lowered_.data(), lowered_.size()};
}

// Throws if `word` is not UTF-8; if it `is_cut`, its last character may be incomplete.
void TokenScanner::check_word(std::string_view word, bool is_cut) const {
  const char* const end = word.data() + word.size();
  for (const char* place = word.data(); place != end;) {
    std::int32_t code = 0;
    const std::ptrdiff_t length = decode_character(place, end - place, code);
    if (length <= 0 && is_cut && end - place < kLongestCharacter) return;
    if (length <= 0) fail_invalid(place);
    place += length;
  }
}

void TokenScanner::fail_too_long() const {
  fail_at(cursor_,
          fmt::format("a word is longer than {} bytes; is it text? recur train lm --tokenizer char or byte reads it",
                      longest_piece_));
}

void TokenScanner::fail_at(const char* place, const std::string& problem) const {
  const std::uint64_t byte = begin_byte_ + static_cast<std::uint64_t>(place - begin_);
  if (file_ == nullptr) fail("{}: byte {}: {}", name_, byte, problem);
  fail("{}: line {}, byte {}: {}", name_, line_of(*file_, byte), byte, problem);
}

void TokenScanner::fail_invalid(const char* place) const {
  const auto byte = static_cast<unsigned char>(*place);
  const char* const advice =
      file_ == nullptr ? "expected UTF-8" : "give text in UTF-8; recur train lm --tokenizer byte reads anything";
  fail_at(place, fmt::format("invalid UTF-8 (0x{:02X}); {}", byte, advice));
}

std::string lower_case(std::string_view text) {
  TokenScanner scanner(text, TokenizerKind::character, "the text", true);
  std::string lower;
  while (scanner.next()) lower += scanner.piece();
  return lower;
}

}  // namespace recur
