#include "data/word_vectors.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json_fields.h"
#include "base/show.h"
#include "base/utf8.h"
#include "data/safetensors.h"
#include "data/vocabulary.h"
#include "data/word_vector_formats.h"

namespace recur {
namespace {

using namespace word_vectors;

// What a first line "count width" tells.
struct Header {
  std::uint64_t words = 0;
  std::optional<std::uint64_t> width;
};
Header header_of(std::string_view line) {
  std::vector<std::string_view> fields;
  split(line, fields);
  if (begins_with_blank(line) || fields.size() != 2) return {};
  const auto words = parse_number<std::uint64_t>(fields[0]);
  return words ? Header{*words, parse_number<std::uint64_t>(fields[1])} : Header{};
}

// Whether what follows the header begins with a word and floats, not with their digits.
bool is_binary(std::string_view head, std::size_t header_bytes, std::size_t width) {
  std::string_view rest = head.substr(std::min(header_bytes, head.size()));
  rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  std::string_view floats = rest.substr(0, 1 + width * sizeof(float));
  // The last character may be cut.
  while (!floats.empty() && static_cast<unsigned char>(floats.back()) >= 0x80) floats.remove_suffix(1);
  return !is_text(floats);
}

// Reads all entries, of which the file says that there are so many (0: it does not): use.wants(word) says whether
// use.take(vector) is to get its vector. Throws Error where it ends before.
template <class Vectors, class Use>
WordVectorCounts read_entries(const std::string& name, Vectors vectors, std::size_t width, std::uint64_t told,
                              Use& use) {
  constexpr std::uint64_t kPatience = 100;  // then so many more bad entries than good ones are enough
  std::vector<float> numbers(width);
  std::string advice;
  std::uint64_t good = 0;
  bool cut = false;  // whether the file ends in the last
  WordVectorCounts counts;
  while (counts.skipped <= good + kPatience && vectors.next()) {
    std::string problem = vectors.problem();
    if (problem.empty() && use.wants(vectors.word())) {
      problem = vectors.read(numbers);
      if (problem.empty()) {
        use.take(numbers);
        ++counts.filled;
      }
    }
    cut = !problem.empty() && vectors.cut();
    if (problem.empty()) {
      ++good;
    } else if (counts.skipped++ == 0) {
      counts.first_skipped = vectors.place() + ": " + problem;
      advice = vectors.advice();
    }
  }
  if (counts.skipped > good) fail("{}: {}{}", name, counts.first_skipped, advice);
  if (good == 0) fail("{}: expected lines of a word and its vector, got none", name);
  const std::uint64_t entries = good + counts.skipped;
  if (entries - (cut ? 1 : 0) >= told) return counts;
  fail("{}: its first line tells of {} words, but it ends {} the vector of word {}; is the file whole?", name, told,
       cut ? "within" : "behind", entries);
}

// How a file that is no model begins.
struct Beginning {
  std::string bytes;
  std::size_t mark = 0, line_end = 0;       // where what follows a byte-order mark begins, and the first line ends
  std::optional<std::uint64_t> width_told;  // by a header
  std::uint64_t words_told = 0;
  // Of the first line that is not empty: what blanks separate, and how many numbers it ends in, a word before them.
  std::size_t fields = 0, numbers = 0;

  explicit Beginning(const InputFile& file) : bytes(kBufferBytes, '\0') {
    bytes.resize(file.read(0, bytes));
    if (bytes.starts_with(kByteOrderMark)) mark = kByteOrderMark.size();
    line_end = std::min(bytes.find('\n'), bytes.size());
    std::string_view rest = std::string_view(bytes).substr(mark);
    const Header header = header_of(rest.substr(0, line_end - mark));
    width_told = header.width;
    words_told = header.width ? header.words : 0;
    std::vector<std::string_view> line;
    while (line.empty() && !rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      split(rest.substr(0, end), line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    fields = line.size();
    while (numbers + 1 < fields && parse_float(line[fields - numbers - 1])) ++numbers;
  }
};

[[noreturn]] void fail_other_width(const std::string& name, const std::string& place, const Width& expected,
                                   std::uint64_t got) {
  fail("{}: {}{}, got {}; give --embedding {}", name, place, expected.expected(), got, got);
}

// Reads a file of any format; where `width` is not given, vectors are as long as the file says. use.begin(width) comes
// first.
template <class Use>
WordVectorCounts read_any(const std::string& path, std::optional<std::size_t> width, Use& use) {
  if (is_safetensors(path)) {
    const SafetensorsFile file(path);
    ModelVectors vectors(file);
    if (width && *width != vectors.width()) fail_other_width(path, "", {*width, true}, vectors.width());
    use.begin(vectors.width());
    const std::size_t own = vectors.width();
    return read_entries(path, std::move(vectors), own, 0, use);
  }
  const InputFile file(path);
  const Beginning begin(file);
  const auto width_told = begin.width_told;
  if (width_told && width && *width_told != *width) {
    fail_other_width(file.name(), "line 1: ", {*width, true}, *width_told);
  }
  if (!width_told && begin.bytes.find('\0') != std::string::npos) {
    fail(
        "{}: expected word vectors as text or in word2vec's binary format, got another one; give fastText's .vec file, "
        "and unpack what is compressed",
        file.name());
  }
  const std::size_t numbers = width ? *width : width_told ? static_cast<std::size_t>(*width_told) : begin.numbers;
  if (numbers == 0) fail("{}: line 1: expected a word and its vector", file.name());
  // What a file says of itself may be wrong: no more is asked for than it has, a number being a byte and a blank.
  if (!width && numbers > file.size())
    fail("{}: line 1: vectors of {} numbers in {} bytes", file.name(), numbers, file.size());
  use.begin(numbers);
  const Width expected{numbers, width.has_value()};
  ByteReader bytes(file, width_told ? begin.line_end + 1 : begin.mark);
  const bool binary = width_told && is_binary(begin.bytes, begin.line_end + 1, numbers);
  if (binary) return read_entries(file.name(), BinaryVectors(bytes, numbers), numbers, begin.words_told, use);
  return read_entries(file.name(), TextVectors(bytes, expected, width_told ? 1 : 0), numbers, begin.words_told, use);
}

// Fills rows of a table.
struct FillRows {
  const std::function<int(std::string_view)>& row_of;
  std::span<float> table;
  std::size_t width = 0;
  std::vector<bool> is_filled = {};
  std::size_t row = 0;

  void begin(std::size_t numbers) {
    width = numbers;
    is_filled.resize(table.size() / width);
  }
  bool wants(std::string_view word) {
    const int wanted = row_of(word);
    row = static_cast<std::size_t>(wanted);
    assert(wanted < 0 || row < is_filled.size());
    return wanted >= 0 && !is_filled[row];
  }
  void take(std::span<const float> vector) {
    std::ranges::copy(vector, table.begin() + static_cast<std::ptrdiff_t>(row * width));
    is_filled[row] = true;
  }
};

// Keeps all words, and with `vectors` theirs.
struct KeepAll {
  EmbeddingTable& table;
  bool vectors;
  std::unordered_set<std::string, TokenHash, std::equal_to<>> words = {};
  std::string word = {};

  void begin(std::size_t numbers) { table.width = numbers; }
  bool wants(std::string_view found) {
    word = found;
    return !words.contains(found);
  }
  void take(std::span<const float> vector) {
    words.insert(word);
    table.words.push_back(word);
    if (vectors) table.vectors.insert(table.vectors.end(), vector.begin(), vector.end());
  }
};

}  // namespace

bool is_safetensors(const std::string& path) {
  if (path == "-") return false;
  const InputFile file(path);
  std::array<char, 9> head{};  // a length and the first brace of as many bytes
  std::uint64_t length = 0;
  if (file.read(0, head) < head.size() || head.back() != '{') return false;
  std::memcpy(&length, head.data(), sizeof length);
  return length < file.size();
}

bool begins_as_vectors(const std::string& path) {
  if (path == "-") return false;
  const Beginning begin{InputFile(path)};
  return begin.width_told || (begin.numbers > 0 && 2 * begin.numbers >= begin.fields);
}

ModelWords words_of(const SafetensorsFile& file) {
  const auto entry = file.metadata().find(kWordsEntry);
  if (entry == file.metadata().end())
    fail("{}: holds no word vectors; expected a file of recur train embed", file.name());
  const nlohmann::json words = parse_json(entry->second);
  const auto is_text_item = [](const nlohmann::json& item) { return item.is_string(); };
  if (!words.is_array() || words.empty() || !std::ranges::all_of(words, is_text_item)) {
    fail("{}: not a valid model file: its '{}' are not a list of texts", file.name(), kWordsEntry);
  }
  const TensorView* const tensor = file.find(kVectorsTensor);
  const bool fits = tensor != nullptr && tensor->shape.size() == 2 &&
                    tensor->shape[0] == static_cast<std::int64_t>(words.size()) && tensor->shape[1] > 0;
  if (!fits) {
    fail("{}: expected a tensor \"{}\" with a row for each of {} words", file.name(), kVectorsTensor, words.size());
  }
  return {words.get<std::vector<std::string>>(), static_cast<std::size_t>(tensor->shape[1])};
}

std::string skipped_text(const WordVectorCounts& counts) {
  return counts.skipped == 0 ? "" : fmt::format("skipped {}, the first is {}", counts.skipped, counts.first_skipped);
}

WordVectorCounts read_word_vectors(const std::string& path, std::size_t width,
                                   const std::function<int(std::string_view)>& row_of, std::span<float> table) {
  assert(width > 0 && table.size() % width == 0);
  FillRows use{row_of, table};
  return read_any(path, width, use);
}

EmbeddingTable read_word_vectors(const std::string& path) {
  EmbeddingTable table;
  KeepAll use{table, true};
  const WordVectorCounts counts = read_any(path, std::nullopt, use);
  table.skipped = skipped_text(counts);
  return table;
}

std::vector<std::string> read_vector_words(const std::string& path) {
  EmbeddingTable table;
  KeepAll use{table, false};
  read_any(path, std::nullopt, use);
  return std::move(table.words);
}

}  // namespace recur
