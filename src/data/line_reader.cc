#include "data/line_reader.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/utf8.h"
#include "data/bad_record.h"
#include "data/utf16.h"

namespace recur {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr std::size_t kLongestCharacter = 4;

}  // namespace

LineReader::LineReader(const InputFile& file, std::size_t most_bytes, LineKind kind)
    : file_(&file), most_bytes_(most_bytes), kind_(kind), buffer_(kBufferBytes), number_(file.lines_before()) {}

void LineReader::fail(std::string_view problem) const { throw BadRecord(fmt::format("{}: {}", place(), problem)); }

std::string LineReader::place() const { return fmt::format("{}: line {}", file_->name(), number_); }

// Call it with an empty buffer; false at the end of the file.
bool LineReader::refill() {
  const bool is_first = next_byte_ == 0;
  const std::size_t got = file_->read(next_byte_, buffer_);
  next_byte_ += got;
  cursor_ = buffer_.data();
  end_ = cursor_ + got;
  if (is_first && kind_ != LineKind::raw_bytes) skip_mark();
  return cursor_ != end_;
}

void LineReader::skip_mark() {
  const std::string_view beginning(cursor_, static_cast<std::size_t>(end_ - cursor_));
  refuse_utf16(beginning, file_->name());
  if (beginning.starts_with(kByteOrderMark)) cursor_ += kByteOrderMark.size();
}

bool LineReader::next() {
  line_.clear();
  cut_ = false;
  if (cursor_ == end_ && !refill()) return false;
  ++number_;
  // One character more than may be kept, so that the last one kept is seen whole.
  const std::size_t kept = most_bytes_ + kLongestCharacter;
  std::uint64_t length = 0;
  char last = 0;
  const char* line_end = nullptr;
  while (line_end == nullptr && (cursor_ != end_ || refill())) {
    line_end = static_cast<const char*>(std::memchr(cursor_, '\n', static_cast<std::size_t>(end_ - cursor_)));
    const char* const part_end = line_end == nullptr ? end_ : line_end;
    const auto part = static_cast<std::size_t>(part_end - cursor_);
    line_.append(cursor_, std::min(part, kept - line_.size()));
    length += part;
    if (part > 0) last = part_end[-1];
    cursor_ = line_end == nullptr ? end_ : line_end + 1;
  }
  if (kind_ == LineKind::text && line_end != nullptr && last == '\r') --length;
  if (length < line_.size()) line_.pop_back();
  cut_ = length > most_bytes_;
  check();
  const bool only_line = kind_ == LineKind::text && number_ == 1 && line_end == nullptr;
  if (only_line && line_.find('\r') < line_.size() - 1) {
    recur::fail("{}: expected lines that end with \\n or \\r\\n, got \\r alone; convert them: tr '\\r' '\\n'", place());
  }
  return true;
}

bool LineReader::next_readable() {
  for (;;) {
    try {
      return next();
    } catch (const BadRecord&) {
      continue;
    }
  }
}

void LineReader::go_back(Position position) {
  cursor_ = end_ = buffer_.data();
  next_byte_ = position.byte;
  number_ = position.lines;
}

// Throws unless the line is text; ends a line that is too long with the last character that it has room for.
void LineReader::check() {
  if (kind_ == LineKind::raw_bytes) return line_.resize(std::min(line_.size(), most_bytes_));
  for (std::size_t place = 0; place < line_.size();) {
    if (place == most_bytes_) return line_.resize(place);
    const auto byte = static_cast<unsigned char>(line_[place]);
    std::size_t length = 1;
    if (byte == 0 && kind_ == LineKind::text)
      fail(fmt::format("expected text, got a NUL byte at byte {} of the line", place));
    if (byte >= 0x80) {
      std::int32_t code = 0;
      const auto* const text = reinterpret_cast<const utf8proc_uint8_t*>(line_.data() + place);
      const std::ptrdiff_t got = utf8proc_iterate(text, static_cast<std::ptrdiff_t>(line_.size() - place), &code);
      if (got <= 0) fail(fmt::format("expected UTF-8, got 0x{:02X} at byte {} of the line", byte, place));
      length = static_cast<std::size_t>(got);
    }
    if (place + length > most_bytes_) return line_.resize(place);
    place += length;
  }
}

}  // namespace recur
