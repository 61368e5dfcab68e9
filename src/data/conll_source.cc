// Sentences in CoNLL's columns, or in CoNLL-U (universaldependencies.org).
#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "data/source_plan.h"

namespace recur {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::array<std::string_view, 10> kUniversalNames = {"ID",    "FORM", "LEMMA",  "UPOS", "XPOS",
                                                              "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"};
constexpr std::size_t kForm = 1, kUpos = 3, kXpos = 4;  // from 0
constexpr std::size_t kLast = std::string_view::npos;   // the last column of a line, whichever it is

using UniversalColumns = std::array<std::string_view, kUniversalNames.size()>;

// Nothing for a line that has not ten columns, or whose first is no number.
std::optional<UniversalColumns> universal_columns(std::string_view line) {
  UniversalColumns columns;
  for (std::string_view& column : columns) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    const bool is_last = &column == &columns.back();
    if (is_last != (end == line.size())) return std::nullopt;
    column = line.substr(0, end);
    line.remove_prefix(is_last ? end : end + 1);
  }
  const bool is_number = !columns[0].empty() && columns[0].find_first_not_of("0123456789-.") == std::string_view::npos;
  return is_number ? std::optional(columns) : std::nullopt;
}

// Whether the first line that is no comment begins a sentence of CoNLL-U.
bool is_universal(const InputFile& file) {
  LineReader lines(file);
  while (lines.next_readable()) {
    if (lines.blank() || lines.line().starts_with('#')) continue;
    const auto columns = universal_columns(lines.line());
    const std::string_view number = columns ? columns->front() : "";
    // Of a word, of a range of words, of an empty node before the first word.
    return number == "1" || number.starts_with("1-") || number.starts_with("0.");
  }
  return false;
}

class Sentences final : public Source {
 public:
  explicit Sentences(SourcePlan plan)
      : plan_(std::move(plan)), universal_(is_universal(*plan_.file)), lines_(*plan_.file) {
    for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
      if (plan_.fields[i].kind == CellKind::words) add_column(i);
    }
    check_different(plan_, places_of_fields());
    // The answers of a record without answers are left out.
    std::erase_if(columns_, [&](const Column& column) { return !plan_.required(column.field); });
    if (columns_.empty()) recur::fail("{}: read as conll, which has words; give another --format", plan_.file->name());
    for (const Column& column : columns_) {
      const char* joint = line_form_.empty() ? "a " : &column == &columns_.back() ? " and its " : ", its ";
      line_form_ += joint + std::string(singular(name_of(column)));
      const bool beside = &column != columns_.data() && !plan_.fields[column.field].answer && column.place != kLast;
      if (beside) before_last_ = std::max(before_last_, column.place + 1);
    }
    expected_ = line_form_ + " a line";
  }

  bool next() override {
    cells_.assign(plan_.fields.size(), {});
    blank_ = false;
    if (broken_) end_broken();
    if (empty_line_) return give_blank();
    for (Column& column : columns_) column.words.clear();
    broken_ = true;
    while (lines_.next()) {
      const Line line = read_line();
      if (line == Line::skipped) continue;
      if (line == Line::word) {
        const bool full = !plan_.options.answers && words() == plan_.options.most_words;
        if (full) return give_sentence();
        continue;
      }
      empty_line_ = !plan_.options.answers;
      if (words() > 0) return give_sentence();
      if (empty_line_) return give_blank();
    }
    broken_ = false;
    return words() > 0 && give_sentence();
  }

  // The line is that of the first word.
  std::string place() const override { return fmt::format("{}: line {}", plan_.file->name(), first_line_); }

 private:
  // What of a line is a field.
  struct Column {
    std::size_t field;
    std::size_t place;               // from 0
    std::vector<std::string> words;  // of the sentence so far
  };
  enum class Line { word, empty, skipped };

  const std::string& name_of(const Column& column) const { return plan_.fields[column.field].name; }
  std::size_t words() const { return columns_.front().words.size(); }

  void add_column(std::size_t field) {
    const std::string& column = plan_.columns[field];
    if (!column.empty()) return columns_.push_back({field, named_place(column), {}});
    const auto is_answer = [&](const Column& other) { return plan_.fields[other.field].answer; };
    if (std::ranges::any_of(columns_, is_answer)) {
      recur::fail("{}: expected a column for {} too", plan_.columns_flag, quote(plan_.fields[field].name));
    }
    columns_.push_back({field, standard_place(plan_.fields[field].answer), {}});
  }

  // What is no answer comes one behind the other.
  std::size_t standard_place(bool answer) const {
    if (answer) return universal_ ? kUpos : kLast;
    if (columns_.empty()) return universal_ ? kForm : 0;
    const std::size_t place = columns_.back().place + 1;
    if (!universal_ || place < kUniversalNames.size()) return place;
    recur::fail("{}: has no column behind {}", plan_.file->name(), kUniversalNames.back());
  }

  std::size_t named_place(const std::string& column) const {
    const auto name = std::ranges::find(kUniversalNames, column);
    if (universal_ && name != kUniversalNames.end()) return static_cast<std::size_t>(name - kUniversalNames.begin());
    const auto number = column_number(column, plan_.columns_flag);
    if (number && (!universal_ || *number <= kUniversalNames.size())) return *number - 1;
    recur::fail("{}: {} has no column {}; expected a number from 1{}", plan_.columns_flag, plan_.file->name(),
                quote(column), universal_ ? " to 10, or a name of CoNLL-U such as UPOS" : "");
  }

  std::vector<std::optional<std::size_t>> places_of_fields() const {
    std::vector<std::optional<std::size_t>> places(plan_.fields.size());
    for (const Column& column : columns_) {
      if (column.place != kLast) places[column.field] = column.place;
    }
    return places;
  }

  // Moves behind a sentence of which a line was bad: to the empty line that ends it.
  void end_broken() {
    broken_ = false;
    while (lines_.next_readable()) {
      if (!lines_.blank()) continue;
      empty_line_ = !plan_.options.answers;
      return;
    }
  }

  bool give_blank() {
    broken_ = false;
    first_line_ = lines_.number();
    empty_line_ = false;
    return blank_ = true;
  }

  bool give_sentence() {
    broken_ = false;
    for (Column& column : columns_) cells_[column.field] = std::move(column.words);
    return true;
  }

  Line read_line() {
    if (lines_.blank()) return Line::empty;
    if (lines_.cut()) lines_.fail("a line longer than 16 MiB; expected a word a line");
    if (universal_ && lines_.line().starts_with('#')) return Line::skipped;
    return universal_ ? read_universal() : read_plain();
  }

  Line read_universal() {
    const auto columns = universal_columns(lines_.line());
    if (!columns) lines_.fail("expected the ten columns of CoNLL-U, with tabs between, as in the lines before");
    if ((*columns)[0].find_first_of("-.") != std::string_view::npos) return Line::skipped;
    for (const Column& column : columns_) {
      const std::string_view text = (*columns)[column.place];
      if (!plan_.fields[column.field].answer) continue;
      const bool part_of_speech = column.place == kUpos || column.place == kXpos;
      if (!text.empty() && (text != "_" || !part_of_speech)) continue;
      lines_.fail(fmt::format("expected a {} in column {} ({}), got {}",
                              part_of_speech ? "part of speech" : singular(name_of(column)), column.place + 1,
                              kUniversalNames[column.place], quote(text)));
    }
    return add_word([&](const Column& column) { return std::optional((*columns)[column.place]); });
  }

  Line read_plain() {
    cut_line();
    return add_word([&](const Column& column) -> std::optional<std::string_view> {
      if (column.place == kLast) return parts_.size() > before_last_ ? std::optional(parts_.back()) : std::nullopt;
      return column.place < parts_.size() ? std::optional(parts_[column.place]) : std::nullopt;
    });
  }

  // Into parts_, at blanks; none where a tab has nothing before it.
  void cut_line() {
    parts_.clear();
    const std::string_view line = lines_.line();
    std::size_t begin = line.find_first_not_of(kBlanks);
    if (line.find('\t') < begin) return;
    while (begin != line.npos) {
      const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
      parts_.push_back(line.substr(begin, end - begin));
      begin = line.find_first_not_of(kBlanks, end);
    }
  }

  // `part_of`: what the line has in a column, if it has that.
  template <class PartOf>
  Line add_word(const PartOf& part_of) {
    const std::string_view word = part_of(columns_.front()).value_or("");
    if (word.empty() && (plan_.options.answers || universal_))
      lines_.fail(fmt::format("expected {}, got no {}", line_form_, singular(name_of(columns_.front()))));
    if (word.empty()) return Line::empty;
    if (words() == 0) first_line_ = lines_.number();
    for (Column& column : columns_) {
      const auto part = part_of(column);
      if (!part) fail_without(column, word);
      column.words.emplace_back(*part);
    }
    return Line::word;
  }

  [[noreturn]] void fail_without(const Column& column, std::string_view word) const {
    const std::string got = parts_.size() == 1 ? "only " + quote(word) : fmt::format("{} columns", parts_.size());
    if (column.place == kLast) lines_.fail(fmt::format("expected {}, got {}", line_form_, got));
    lines_.fail(fmt::format("expected {}, the {} in column {}, got {}", line_form_, singular(name_of(column)),
                            column.place + 1, got));
  }

  SourcePlan plan_;
  bool universal_;
  LineReader lines_;
  std::vector<Column> columns_;
  std::vector<std::string_view> parts_;  // of a line that is not CoNLL-U
  std::size_t before_last_ = 1;          // of these, that the last cannot be
  std::string line_form_;                // "a word and its tag"
  std::uint64_t first_line_ = 0;         // of the record
  bool broken_ = false;                  // whether a sentence was begun and not given
  bool empty_line_ = false;              // whether the line behind the sentence that was given is still to be
};

}  // namespace

std::unique_ptr<Source> open_conll(SourcePlan plan) {
  check_kinds(plan, {CellKind::words}, "tsv, csv or json");
  return std::make_unique<Sentences>(std::move(plan));
}

}  // namespace recur
