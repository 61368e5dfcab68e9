#include "data/word_vectors.h"

#include <utf8proc.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/show.h"

namespace recur {
namespace {

static_assert(std::endian::native == std::endian::little, "floats of the binary format are read as they are");

constexpr std::string_view kBlanks = " \t\r";
constexpr std::size_t kBufferBytes = std::size_t{1} << 16, kMostBytes = std::size_t{1} << 24;

// What blanks separate.
void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (std::size_t begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlanks, end);
  }
}

std::optional<float> parse_float(std::string_view text) {
  const std::optional<double> number = parse_number<double>(text.starts_with('+') ? text.substr(1) : text);
  if (!number || !std::isfinite(static_cast<float>(*number))) return std::nullopt;
  return static_cast<float>(*number);
}

// UTF-8 without control characters but white space.
bool is_text(std::string_view bytes) {
  for (std::size_t place = 0; place < bytes.size();) {
    std::int32_t code = 0;
    const auto* const text = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data() + place);
    const std::ptrdiff_t length = utf8proc_iterate(text, static_cast<std::ptrdiff_t>(bytes.size() - place), &code);
    if (length <= 0 || (code < ' ' && (code < '\t' || code > '\r'))) return false;
    place += static_cast<std::size_t>(length);
  }
  return true;
}

// The bytes of a file, one part after the other.
class ByteReader {
 public:
  ByteReader(const InputFile& file, std::uint64_t first) : file_(file), buffer_(kBufferBytes), next_byte_(first) {}

  // Reads what comes before the next `mark`, or before the end of the file, and the mark; of a long part only the
  // beginning is kept. False where nothing is left.
  bool read_until(char mark, std::string& part) {
    part.clear();
    while (at_ != end_ || refill()) {
      const auto* const found = static_cast<const char*>(std::memchr(at_, mark, static_cast<std::size_t>(end_ - at_)));
      const char* const stop = found == nullptr ? end_ : found;
      part.append(at_, std::min(static_cast<std::size_t>(stop - at_), kMostBytes - part.size()));
      at_ = found == nullptr ? end_ : found + 1;
      if (found != nullptr) return true;
    }
    return !part.empty();
  }

  // The next `bytes`, or what is left of the file.
  void read(std::size_t bytes, std::string& part) {
    part.clear();
    while (part.size() < bytes && (at_ != end_ || refill())) {
      const std::size_t count = std::min(static_cast<std::size_t>(end_ - at_), bytes - part.size());
      part.append(at_, count);
      at_ += count;
    }
  }

 private:
  bool refill() {
    const std::size_t got = file_.read(next_byte_, buffer_);
    next_byte_ += got;
    at_ = buffer_.data();
    end_ = at_ + got;
    return got > 0;
  }

  const InputFile& file_;
  std::vector<char> buffer_;
  const char *at_ = nullptr, *end_ = nullptr;  // what is unread of the buffer
  std::uint64_t next_byte_;                    // of the file, behind the buffer
};

bool begins_with_blank(std::string_view line) { return !line.empty() && kBlanks.find(line.front()) != kBlanks.npos; }

// The width that a first line "count width" tells.
std::optional<std::uint64_t> width_in_header(std::string_view line) {
  std::vector<std::string_view> fields;
  split(line, fields);
  if (begins_with_blank(line) || fields.size() != 2 || !parse_number<std::uint64_t>(fields[0])) return std::nullopt;
  return parse_number<std::uint64_t>(fields[1]);
}

// What the two formats have in common: next() moves to the next entry, problem() tells what is wrong with it whatever
// its numbers are, read() with its numbers; empty: nothing. Call word() and read() only where there is no problem.
class TextVectors {
 public:
  TextVectors(ByteReader& bytes, std::size_t width, std::uint64_t lines_before)
      : bytes_(bytes), width_(width), number_(lines_before) {}

  bool next() {
    do {
      if (!bytes_.read_until('\n', line_)) return false;
      ++number_;
      split(line_, fields_);
    } while (fields_.empty());
    return true;
  }

  std::string place() const { return fmt::format("line {}", number_); }

  std::string problem() const {
    const std::size_t numbers = fields_.size() - 1;
    if (numbers + 1 == width_ && begins_with_blank(line_)) return "no word before its numbers";
    if (numbers == 0) return "expected a word and its vector, got one word";
    if (is_other_width()) return fmt::format("expected {} numbers, as --embedding says, got {}", width_, numbers);
    if (!is_text(word())) return "its word is not text in UTF-8";
    return "";
  }
  std::string advice() const {
    return is_other_width() ? fmt::format("; give --embedding {}", fields_.size() - 1) : "";
  }

  // A word may hold blanks: it is all that stands before the vector.
  std::string_view word() const {
    const std::string_view last = fields_[fields_.size() - width_ - 1];
    return {fields_.front().data(), static_cast<std::size_t>(last.data() + last.size() - fields_.front().data())};
  }

  std::string read(std::span<float> vector) const {
    for (std::size_t i = 0; i < width_; ++i) {
      const std::string_view field = fields_[fields_.size() - width_ + i];
      const std::optional<float> number = parse_float(field);
      if (!number) return fmt::format("number {} of {} is {}; expected a finite number", i + 1, width_, quote(field));
      vector[i] = *number;
    }
    return "";
  }

 private:
  bool is_other_width() const {
    const std::size_t numbers = fields_.size() - 1;
    return numbers > 0 && numbers != width_ && (numbers < width_ || parse_float(fields_[1]));
  }

  ByteReader& bytes_;
  std::size_t width_;
  std::uint64_t number_;
  std::string line_;
  std::vector<std::string_view> fields_;
};

class BinaryVectors {
 public:
  BinaryVectors(ByteReader& bytes, std::size_t width) : bytes_(bytes), width_(width) {}

  bool next() {
    if (!bytes_.read_until(' ', word_)) return false;
    word_.erase(0, word_.find_first_not_of("\r\n"));
    bytes_.read(width_ * sizeof(float), numbers_);
    ++number_;
    return !word_.empty() || !numbers_.empty();
  }

  std::string place() const { return fmt::format("vector {}", number_); }

  std::string problem() const {
    if (numbers_.size() < width_ * sizeof(float)) return "the file ends within it";
    if (word_.empty()) return "no word before its numbers";
    return is_text(word_) ? "" : "its word is not text in UTF-8";
  }
  static std::string advice() { return ""; }

  std::string_view word() const { return word_; }

  std::string read(std::span<float> vector) const {
    std::memcpy(vector.data(), numbers_.data(), numbers_.size());
    const auto bad = std::ranges::find_if_not(vector, [](float x) { return std::isfinite(x); });
    if (bad == vector.end()) return "";
    return fmt::format("number {} of {} is {}; expected a finite number", bad - vector.begin() + 1, width_, *bad);
  }

 private:
  ByteReader& bytes_;
  std::size_t width_;
  std::uint64_t number_ = 0;
  std::string word_, numbers_;
};

// Whether what follows the header begins with a word and floats, not with their digits.
bool is_binary(std::string_view head, std::size_t header_bytes, std::size_t width) {
  std::string_view rest = head.substr(std::min(header_bytes, head.size()));
  rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  std::string_view floats = rest.substr(0, 1 + width * sizeof(float));
  // The last character may be cut.
  while (!floats.empty() && static_cast<unsigned char>(floats.back()) >= 0x80) floats.remove_suffix(1);
  return !is_text(floats);
}

template <class Vectors>
WordVectorCounts fill(const std::string& name, Vectors vectors, std::size_t width,
                      const std::function<int(std::string_view)>& row_of, std::span<float> table) {
  constexpr std::uint64_t kPatience = 100;  // then so many more bad entries than good ones are enough
  std::vector<bool> is_filled(table.size() / width);
  std::vector<float> numbers(width);
  std::string advice;
  std::uint64_t good = 0;
  WordVectorCounts counts;
  while (counts.skipped <= good + kPatience && vectors.next()) {
    std::string problem = vectors.problem();
    const int wanted = problem.empty() ? row_of(vectors.word()) : -1;
    const auto row = static_cast<std::size_t>(wanted);
    assert(wanted < 0 || row < is_filled.size());
    if (wanted >= 0 && !is_filled[row]) {
      problem = vectors.read(numbers);
      if (problem.empty()) {
        std::ranges::copy(numbers, table.begin() + static_cast<std::ptrdiff_t>(row * width));
        is_filled[row] = true;
        ++counts.filled;
      }
    }
    if (problem.empty()) {
      ++good;
    } else if (counts.skipped++ == 0) {
      counts.first_skipped = vectors.place() + ": " + problem;
      advice = vectors.advice();
    }
  }
  if (counts.skipped > good) fail("{}: {}{}", name, counts.first_skipped, advice);
  if (good == 0) fail("{}: expected lines of a word and its vector, got none", name);
  return counts;
}

}  // namespace

WordVectorCounts read_word_vectors(const std::string& path, std::size_t width,
                                   const std::function<int(std::string_view)>& row_of, std::span<float> table) {
  assert(width > 0 && table.size() % width == 0);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const InputFile file(path);
  std::string head(kBufferBytes, '\0');
  head.resize(file.read(0, head));
  const std::size_t mark = head.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::size_t line_end = std::min(head.find('\n'), head.size());
  const auto width_told = width_in_header(std::string_view(head).substr(mark, line_end - mark));
  if (width_told && *width_told != width) {
    fail("{}: line 1: expected {} numbers, as --embedding says, got {}; give --embedding {}", file.name(), width,
         *width_told, *width_told);
  }
  if (!width_told && head.find('\0') != head.npos) {
    fail(
        "{}: expected word vectors as text or in word2vec's binary format, got another one; give fastText's .vec file, "
        "and unpack what is compressed",
        file.name());
  }
  ByteReader bytes(file, width_told ? line_end + 1 : mark);
  if (width_told && is_binary(head, line_end + 1, width)) {
    return fill(file.name(), BinaryVectors(bytes, width), width, row_of, table);
  }
  return fill(file.name(), TextVectors(bytes, width, width_told ? 1 : 0), width, row_of, table);
}

}  // namespace recur
