#include "data/word_vectors.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "data/line_reader.h"
#include "data/vocabulary.h"

namespace recur {
namespace {

// What blanks separate.
void split(std::string_view line, std::vector<std::string_view>& fields) {
  constexpr std::string_view kBlanks = " \t\r";
  fields.clear();
  for (std::size_t begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kBlanks, end);
  }
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<float> parse_float(std::string_view text) {
  const std::optional<double> number = parse_number<double>(text.starts_with('+') ? text.substr(1) : text);
  if (!number || !std::isfinite(static_cast<float>(*number))) return std::nullopt;
  return static_cast<float>(*number);
}

class WordVectorReader {
 public:
  WordVectorReader(const InputFile& file, std::size_t width) : width_(width), lines_(file) {}

  // Moves to the next vector; false at the end of the file.
  bool next() {
    while (lines_.next()) {
      if (lines_.cut()) lines_.fail("expected a word and its vector, got a line that is too long for that");
      split(lines_.line(), fields_);
      if (fields_.empty() || is_header()) continue;
      check_width();
      any_ = true;
      return true;
    }
    if (!any_) fail("expected lines of a word and its vector, got none");
    return false;
  }

  // A word may hold blanks: it is all that stands before the vector.
  std::string_view word() const {
    const std::string_view last = fields_[fields_.size() - width_ - 1];
    return {fields_.front().data(), static_cast<std::size_t>(last.data() + last.size() - fields_.front().data())};
  }

  void read_vector(std::span<float> vector) const {
    for (std::size_t i = 0; i < width_; ++i) {
      const std::string_view field = fields_[fields_.size() - width_ + i];
      const std::optional<float> number = parse_float(field);
      if (!number) fail(fmt::format("number {} of {} is {}; expected a finite number", i + 1, width_, quote(field)));
      vector[i] = *number;
    }
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { lines_.fail(problem); }

  bool is_header() const {
    if (lines_.number() != 1 || fields_.size() != 2 || !parse_number<std::uint64_t>(fields_[0])) return false;
    const auto width = parse_number<std::uint64_t>(fields_[1]);
    if (width && *width != width_) fail_width(*width);
    return width.has_value();
  }

  void check_width() const {
    const std::size_t numbers = fields_.size() - 1;
    if (numbers == width_ || (numbers > width_ && !parse_float(fields_[1]))) return;
    if (!any_) fail_width(numbers);
    fail(fmt::format("expected {} numbers after the word, as in the lines before, got {}", width_, numbers));
  }

  [[noreturn]] void fail_width(std::uint64_t got) const {
    if (got == 0) fail("expected a word and its vector, got one word");
    fail(fmt::format("expected {} numbers, as --embedding says, got {}; give --embedding {}", width_, got, got));
  }

  std::size_t width_;
  LineReader lines_;
  std::vector<std::string_view> fields_;
  bool any_ = false;
};

}  // namespace

std::size_t read_word_vectors(const std::string& path, std::size_t width,
                              const std::function<int(std::string_view)>& row_of, std::span<float> table) {
  assert(width > 0 && table.size() % width == 0);
  const InputFile file(path);
  WordVectorReader reader(file, width);
  std::vector<bool> is_filled(table.size() / width);
  std::size_t filled = 0;
  while (reader.next()) {
    const int wanted = row_of(reader.word());
    if (wanted < 0) continue;
    const auto row = static_cast<std::size_t>(wanted);
    assert(row < is_filled.size());
    if (is_filled[row]) continue;
    reader.read_vector(table.subspan(row * width, width));
    is_filled[row] = true;
    ++filled;
  }
  return filled;
}

}  // namespace recur
