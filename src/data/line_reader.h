// LineReader: the lines of a UTF-8 text file of any size, one at a time, in bounded memory.
//
// A line ends with \n or \r\n, which are no part of it, or with the file. A byte-order mark at the very beginning of
// the file is no part of the text. next() throws BadRecord, naming file, line and byte, for invalid UTF-8 and for a NUL
// byte, and Error for a file in UTF-16 or of several lines that end with \r alone. Of a line longer than `most_bytes`
// only the beginning is kept and checked. Raw lines are all that stands before each \n.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "data/white_space.h"
#include "recur/types/text.h"

namespace recur {

// text: as above. raw_text: UTF-8, of which \r and NUL are characters like others. raw_bytes: any bytes.
enum class LineKind { text, raw_text, raw_bytes };
// Of what a tokenizer of an endless text reads: all that stands there.
constexpr LineKind raw_lines(TokenizerKind kind) {
  return kind == TokenizerKind::byte ? LineKind::raw_bytes : LineKind::raw_text;
}

class LineReader {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 24;

  // `file` must outlive this.
  explicit LineReader(const InputFile& file, std::size_t most_bytes = kMostBytes, LineKind kind = LineKind::text);
  LineReader(const InputFile& file, LineKind kind) : LineReader(file, kMostBytes, kind) {}

  // Moves to the next line; false at the end of the file.
  bool next();
  // The same, past lines that are no text.
  bool next_readable();
  // The line, without its end; valid until the next call of next(). At most `most_bytes` long: if there is more, cut()
  // is true and this ends with a whole character.
  std::string_view line() const { return line_; }
  bool cut() const { return cut_; }
  // Whether the line has nothing but white space, no-break spaces and the like included.
  bool blank() const { return is_blank_text(line_); }
  // The number of the line in the file of its name, from 1.
  std::uint64_t number() const { return number_; }
  // Where the next line begins, and going back to there.
  struct Position {
    std::uint64_t byte = 0, lines = 0;
  };
  Position position() const { return {next_byte_ - static_cast<std::uint64_t>(end_ - cursor_), number_}; }
  void go_back(Position position);
  // "FILE: line N"; throws BadRecord "FILE: line N: problem".
  std::string place() const;
  [[noreturn]] void fail(std::string_view problem) const;

 private:
  bool refill();
  void skip_mark();
  void check();

  const InputFile* file_;
  std::size_t most_bytes_;
  LineKind kind_;
  std::vector<char> buffer_;
  const char* cursor_ = nullptr;  // what is unread of the buffer: [cursor_, end_)
  const char* end_ = nullptr;
  std::uint64_t next_byte_ = 0;  // of the file, behind the buffer
  std::string line_;
  std::uint64_t number_ = 0;
  bool cut_ = false;
};

}  // namespace recur
