#include "tasks/tagger_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "base/show.h"
#include "data/line_reader.h"

namespace recur {
namespace {

constexpr std::string_view kBlanks = " \t";

// The columns of a line that matter.
struct Columns {
  std::string_view word;  // empty where a tab has nothing before it
  std::optional<std::string_view> tag;
};

// The first and the last of the columns; only the first where there is one.
Columns first_and_last(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(kBlanks);
  const std::size_t end = line.find_last_not_of(kBlanks) + 1;
  const bool has_word = line.find('\t') >= begin;
  line = line.substr(begin, end - begin);
  const std::size_t gap = line.find_first_of(kBlanks);
  if (!has_word) return {};
  if (gap == line.npos) return {line, std::nullopt};
  return {line.substr(0, gap), line.substr(line.find_last_of(kBlanks) + 1)};
}

// The columns of CoNLL-U; nothing for a line that has not ten, or whose first is no number.
std::optional<std::array<std::string_view, 10>> universal_columns(std::string_view line) {
  std::array<std::string_view, 10> columns;
  for (std::string_view& column : columns) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    const bool is_last = &column == &columns.back();
    if (is_last != (end == line.size())) return std::nullopt;
    column = line.substr(0, end);
    line.remove_prefix(is_last ? end : end + 1);
  }
  const bool is_number = columns[0].find_first_not_of("0123456789-.") == std::string_view::npos;
  return is_number ? std::optional(columns) : std::nullopt;
}

// Whether the first line that is no comment begins a sentence of CoNLL-U.
bool is_universal(const InputFile& file) {
  LineReader lines(file);
  while (lines.next()) {
    if (lines.blank() || lines.line().starts_with('#')) continue;
    const auto columns = universal_columns(lines.line());
    const std::string_view number = columns ? columns->front() : "";
    // Of a word, of a range of words, of an empty node before the first word.
    return number == "1" || number.starts_with("1-") || number.starts_with("0.");
  }
  return false;
}

// Nothing for a line that has no word of its own.
std::optional<Columns> form_and_part_of_speech(const LineReader& lines, bool with_tag) {
  if (lines.line().starts_with('#')) return std::nullopt;
  const auto columns = universal_columns(lines.line());
  if (!columns) lines.fail("expected the ten columns of CoNLL-U, with tabs between, as in the lines before");
  const std::string_view number = (*columns)[0], form = (*columns)[1], part_of_speech = (*columns)[3];
  if (number.find_first_of("-.") != std::string_view::npos) return std::nullopt;
  if (with_tag && (part_of_speech.empty() || part_of_speech == "_")) {
    lines.fail(fmt::format("expected a part of speech in column 4 (UPOS), got {}", quote(part_of_speech)));
  }
  return Columns{form, part_of_speech};
}

// Nothing for a line that is no word's and has no place among the predictions.
std::optional<Columns> columns_of(const LineReader& lines, bool universal, bool with_tag) {
  if (lines.blank()) return Columns{};
  if (universal) return form_and_part_of_speech(lines, with_tag);
  return first_and_last(lines.line());
}

}  // namespace

void read_sentences(const InputFile& file, const ReadOptions& options, Records& records,
                    const std::function<void(const Sentence& sentence)>& visit) {
  const bool universal = is_universal(file);
  LineReader lines(file);
  Sentence sentence;
  std::uint64_t index = 0;
  const auto finish = [&] {
    if (sentence.words.empty()) return;
    if (!options.wants(index)) {
      sentence = {};
      return;
    }
    const std::size_t length =
        options.answers ? records.limited(sentence.words.size(), options.length) : sentence.words.size();
    sentence.words.resize(length);
    if (options.answers) sentence.tags.resize(length);
    if (length > 0) visit(sentence);
    sentence = {};
  };
  while (lines.next()) {
    const std::optional<Columns> columns = columns_of(lines, universal, options.answers);
    if (!columns) continue;
    if (columns->word.empty()) {
      if (options.answers && !lines.blank()) lines.fail("expected a word and its tag, got no word");
      if (!sentence.words.empty()) {
        finish();
        ++index;
      }
      if (!options.answers) records.add_empty();
      continue;
    }
    if (options.answers && !columns->tag) {
      lines.fail(fmt::format("expected a word and its tag, got only {}", quote(columns->word)));
    }
    sentence.words.emplace_back(columns->word);
    if (options.answers) sentence.tags.emplace_back(*columns->tag);
    if (!options.answers && sentence.words.size() == options.length.most) finish();
  }
  finish();
}

}  // namespace recur
