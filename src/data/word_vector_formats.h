// The entries of files of word vectors, one after the other, for word_vectors.cc. Every format is a class: next() moves
// to the next entry, problem() tells what is wrong with it whatever its numbers are, read() with its numbers; empty:
// nothing. Call word() and read() only where there is no problem.
#pragma once

#include <utf8proc.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/show.h"
#include "data/word_vectors.h"

namespace recur::word_vectors {

static_assert(std::endian::native == std::endian::little, "floats of the binary format are read as they are");

inline constexpr std::string_view kBlanks = " \t\r";
inline constexpr std::size_t kBufferBytes = std::size_t{1} << 16, kMostBytes = std::size_t{1} << 24;

// What blanks separate.
inline void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (std::size_t begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlanks, end);
  }
}

inline std::optional<float> parse_float(std::string_view text) {
  const std::optional<double> number = parse_decimal(text);
  if (!number || !std::isfinite(static_cast<float>(*number))) return std::nullopt;
  return static_cast<float>(*number);
}

// What is wrong with a vector's numbers; empty: nothing.
inline std::string problem_of(std::span<const float> vector) {
  const auto bad = std::ranges::find_if_not(vector, [](float x) { return std::isfinite(x); });
  if (bad == vector.end()) return "";
  return fmt::format("number {} of {} is {}; expected a finite number", bad - vector.begin() + 1, vector.size(), *bad);
}

// UTF-8 without control characters but white space.
inline bool is_text(std::string_view bytes) {
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
      marked_ = found != nullptr;
      if (marked_) return true;
    }
    return !part.empty();
  }
  // Whether the mark stood behind what was read last.
  bool marked() const { return marked_; }

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
  bool marked_ = false;
};

inline bool begins_with_blank(std::string_view line) {
  return !line.empty() && kBlanks.find(line.front()) != kBlanks.npos;
}

// How many numbers a vector has, and who says so.
struct Width {
  std::size_t numbers;
  bool by_flag;  // --embedding; else the file's beginning

  std::string expected() const {
    return fmt::format("expected {} numbers, as {}", numbers, by_flag ? "--embedding says" : "its beginning has");
  }
};

class TextVectors {
 public:
  TextVectors(ByteReader& bytes, const Width& width, std::uint64_t lines_before)
      : bytes_(bytes), told_(width), width_(width.numbers), number_(lines_before) {}

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
    if (is_other_width()) return fmt::format("{}, got {}", told_.expected(), numbers);
    if (!is_text(word())) return "its word is not text in UTF-8";
    return "";
  }
  std::string advice() const {
    return told_.by_flag && is_other_width() ? fmt::format("; give --embedding {}", fields_.size() - 1) : "";
  }

  // Whether the file ends in it.
  bool cut() const { return !bytes_.marked(); }

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
  Width told_;
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
  bool cut() const { return numbers_.size() < width_ * sizeof(float); }

  std::string_view word() const { return word_; }

  std::string read(std::span<float> vector) const {
    std::memcpy(vector.data(), numbers_.data(), numbers_.size());
    return problem_of(vector);
  }

 private:
  ByteReader& bytes_;
  std::size_t width_;
  std::uint64_t number_ = 0;
  std::string word_, numbers_;
};

// The vectors of a model file.
class ModelVectors {
 public:
  // Throws Error for a file that has no words, or not a vector for each.
  explicit ModelVectors(const SafetensorsFile& file)
      : model_(words_of(file)), numbers_(file.floats(kVectorsTensor, file.find(kVectorsTensor)->shape)) {}

  std::size_t width() const { return model_.width; }
  bool next() { return number_++ < model_.words.size(); }
  std::string place() const { return fmt::format("vector {}", number_); }
  std::string problem() const { return is_text(word()) ? "" : "its word is not text in UTF-8"; }
  static std::string advice() { return ""; }
  static bool cut() { return false; }
  std::string_view word() const { return model_.words[number_ - 1]; }
  std::string read(std::span<float> vector) const {
    std::ranges::copy(numbers_.subspan((number_ - 1) * width(), width()), vector.begin());
    return problem_of(vector);
  }

 private:
  ModelWords model_;
  std::span<const float> numbers_;  // [words, width]
  std::size_t number_ = 0;
};

}  // namespace recur::word_vectors
