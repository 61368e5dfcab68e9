#include "data/token_scanner.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::ptrdiff_t kLongestCharacter = 4;

bool is_blank(char c) { return c == ' ' || c == '\t' || (c >= '\v' && c <= '\r'); }
bool ends_word(char c) { return static_cast<unsigned char>(c) <= ' ' && (is_blank(c) || c == '\n'); }

// The length of the character that `text` begins with, or a negative number if that is no UTF-8.
std::ptrdiff_t decode_character(const char* text, std::ptrdiff_t length, std::int32_t& code) {
  return utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text), length, &code);
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

}  // namespace

// One byte more than a chunk, so that a word as long as the chunk is seen to end.
TokenScanner::TokenScanner(const InputFile& file, TokenizerKind kind, std::size_t chunk_bytes)
    : kind_(kind), file_(&file), name_(file.name()), buffer_(chunk_bytes + 1) {
  assert(chunk_bytes >= static_cast<std::size_t>(kLongestCharacter));
  seek({});
}

TokenScanner::TokenScanner(std::string_view text, TokenizerKind kind, std::string name)
    : kind_(kind),
      file_(nullptr),
      name_(std::move(name)),
      begin_(text.data()),
      cursor_(text.data()),
      end_(text.data() + text.size()) {}

void TokenScanner::seek(TextPosition position) {
  assert(file_ != nullptr);
  begin_ = cursor_ = end_ = buffer_.data();
  begin_byte_ = position.byte;
  in_line_ = position.in_line;
}

void TokenScanner::skip_byte_order_mark() {
  if (kind_ == TokenizerKind::byte) return;
  if (std::string_view(cursor_, static_cast<std::size_t>(end_ - cursor_)).starts_with(kByteOrderMark)) {
    cursor_ += kByteOrderMark.size();
  }
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
  if (begin_byte_ == 0 && unread == 0) skip_byte_order_mark();
  return cursor_ + unread != end_;
}

bool TokenScanner::next_multibyte() {
  if (end_ - cursor_ < kLongestCharacter) refill();
  std::int32_t code = 0;
  const std::ptrdiff_t length = decode_character(cursor_, std::min(end_ - cursor_, kLongestCharacter), code);
  if (length <= 0) fail_invalid(cursor_);
  piece_ = {cursor_, static_cast<std::size_t>(length)};
  code_ = static_cast<std::uint32_t>(code);
  cursor_ += length;
  return true;
}

bool TokenScanner::next_word() {
  for (;;) {
    while (cursor_ != end_ && is_blank(*cursor_)) {
      ++cursor_;
      in_line_ = true;
    }
    if (cursor_ != end_) break;
    if (!refill()) return end_of_text();
  }
  if (*cursor_ == '\n') {
    ++cursor_;
    in_line_ = false;
    piece_ = kEndOfLineToken;
    return true;
  }
  in_line_ = true;
  const char* word_end = cursor_;
  unsigned char any_bits = 0;
  for (;;) {
    for (; word_end != end_ && !ends_word(*word_end); ++word_end) any_bits |= static_cast<unsigned char>(*word_end);
    if (word_end != end_) break;
    const std::ptrdiff_t length = word_end - cursor_;
    if (static_cast<std::size_t>(length) == buffer_.size()) {
      check_word({cursor_, buffer_.size()}, true);
      fail_at(cursor_, fmt::format("a word is longer than {} bytes; use --tokenizer char or byte", buffer_.size() - 1));
    }
    const bool got_more = refill();
    word_end = cursor_ + length;
    if (!got_more) break;
  }
  piece_ = {cursor_, static_cast<std::size_t>(word_end - cursor_)};
  if (any_bits >= 0x80) check_word(piece_, false);
  cursor_ = word_end;
  return true;
}

bool TokenScanner::end_of_text() {
  if (file_ == nullptr || !in_line_) return false;
  in_line_ = false;
  piece_ = kEndOfLineToken;
  return true;
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

void TokenScanner::fail_at(const char* place, const std::string& problem) const {
  const std::uint64_t byte = begin_byte_ + static_cast<std::uint64_t>(place - begin_);
  if (file_ == nullptr) fail("{}: byte {}: {}", name_, byte, problem);
  fail("{}: line {}, byte {}: {}", name_, line_of(*file_, byte), byte, problem);
}

void TokenScanner::fail_invalid(const char* place) const {
  const auto byte = static_cast<unsigned char>(*place);
  const char* const advice = file_ == nullptr ? "expected UTF-8" : "give text in UTF-8, or use --tokenizer byte";
  fail_at(place, fmt::format("invalid UTF-8 (0x{:02X}); {}", byte, advice));
}

}  // namespace recur
