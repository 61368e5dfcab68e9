// Lines of JSON, an object each.
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/show.h"
#include "data/line_reader.h"
#include "data/source_plan.h"

namespace recur {
namespace {

using nlohmann::json;

// How a value of each kind looks.
std::string_view sample_of(CellKind kind) {
  switch (kind) {
    case CellKind::label:
      return "..";
    case CellKind::text:
    case CellKind::frames:
      return "\"..\"";
    case CellKind::labels:
    case CellKind::words:
      return "[\"..\", ..]";
    case CellKind::numbers:
    case CellKind::notes:
      return "[[..], ..]";
    case CellKind::number:
      return "0.5";
  }
  return "";
}

class JsonLines final : public Source {
 public:
  explicit JsonLines(SourcePlan plan) : plan_(std::move(plan)), lines_(*plan_.file), widths_(plan_.fields.size()) {
    for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
      sample_ +=
          fmt::format("{}\"{}\": {}", i == 0 ? "{" : ", ", printable(plan_.place(i)), sample_of(plan_.fields[i].kind));
    }
    sample_ += "}";
    expected_ = "lines of " + sample_;
  }

  bool next() override {
    if (next_text_ < texts_.size()) {
      cells_[several_] = cell_of(several_, texts_[next_text_++]);
      return true;
    }
    if (!lines_.next()) return false;
    next_text_ = kNone;
    if (lines_.cut()) fail("a line of JSON longer than 16 MiB; expected shorter sequences");
    cells_.assign(plan_.fields.size(), {});
    blank_ = plan_.options.takes_empty_lines() && lines_.blank();
    if (plan_.options.skip_bad) widths_.assign(widths_.size(), 0);
    texts_ = json::array();
    if (!blank_) read_object(json::parse(lines_.line(), nullptr, false));
    next_text_ = 1;
    return true;
  }

  std::string place() const override { return lines_.place(); }

 private:
  [[noreturn]] void fail_object() const {
    const std::string problem = json_problem(lines_.line());
    if (!problem.empty()) fail(problem);
    fail(fmt::format("expected a JSON object {}{}", sample_, lines_.blank() ? ", got an empty line" : ""));
  }

  // Values are only looked at, neither copied nor printed where they have values in them: lists in lists in lists may
  // be deeper than the stack.
  void read_object(const json& object) {
    if (!object.is_object()) fail_object();
    for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
      const auto value = object.find(plan_.place(i));
      const FieldRequest& field = plan_.fields[i];
      const bool list_of = field.kind == CellKind::numbers || field.kind == CellKind::notes;
      const bool missing = value == object.end() || (list_of && !value->is_array() && !is_lone_number(i, *value));
      if (missing && !field.answer) fail_object();
      if (missing) continue;
      const bool list = field.several && value->is_array() && plan_.required(i);
      cells_[i] = list ? first_of(i, *value) : plan_.required(i) ? cell_of(i, *value) : unchecked_cell_of(i, *value);
    }
    for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
      if (!plan_.required(i) || cells_[i].index() != 0) continue;
      const auto value = object.find(plan_.place(i));
      if (value == object.end()) fail(fmt::format("expected a JSON object with a {}", quote(plan_.place(i))));
      fail(fmt::format("expected numbers as {}, got {}", quote(plan_.place(i)),
                       value->is_structured() ? value->type_name() : value->dump().substr(0, 40)));
    }
  }

  // Of an answer one number is a step, too; null is one that nobody knows.
  bool is_lone_number(std::size_t i, const json& value) const {
    return plan_.fields[i].answer && (value.is_number() || value.is_null());
  }

  // Of a list of texts, each of which is a record.
  Cell first_of(std::size_t i, const json& list) {
    if (list.empty()) fail(fmt::format("expected texts in {}, got none", quote(plan_.place(i))));
    for (const json& text : list) {
      if (!is_text(text)) fail(fmt::format("expected {} to be a list of texts", quote(plan_.place(i))));
    }
    several_ = i;
    texts_ = list;
    return cell_of(i, list[0]);
  }

  Cell cell_of(std::size_t i, const json& value) {
    switch (plan_.fields[i].kind) {
      case CellKind::words:
        if (value.is_array()) return words_of(i, value);
        break;
      case CellKind::labels:
        if (value.is_array()) return labels_of(i, value);
        break;
      case CellKind::numbers:
        return numbers_of(i, value);
      case CellKind::notes:
        return notes_of(i, value);
      case CellKind::number: {
        Numbers one;
        add_number(i, value, one);
        return one;
      }
      case CellKind::frames:
        if (value.is_array()) return numbers_of(i, value);
        break;
      default:
        break;
    }
    if (!is_text(value)) fail(fmt::format("expected {} to be {}", quote(plan_.place(i)), form_of(i)));
    return text_cell_of(i, value);
  }

  // Of an answer that nobody asks for: nothing where it is none.
  Cell unchecked_cell_of(std::size_t i, const json& value) const {
    return is_text(value) ? text_cell_of(i, value) : Cell();
  }

  static bool is_text(const json& value) { return value.is_string() || value.is_number() || value.is_boolean(); }
  std::string_view form_of(std::size_t i) const {
    switch (plan_.fields[i].kind) {
      case CellKind::words:
        return "a list of words";
      case CellKind::labels:
        return "a list of labels";
      default:
        return "a text";
    }
  }
  Cell text_cell_of(std::size_t i, const json& value) const {
    if (value.is_string()) return cell_of_text(*this, plan_, i, value.get_ref<const std::string&>());
    return cell_of_text(*this, plan_, i, value.dump());
  }

  Cell labels_of(std::size_t i, const json& list) const {
    std::vector<std::string> labels;
    for (const json& label : list) {
      if (!is_text(label)) fail(fmt::format("expected {} to be {}", quote(plan_.place(i)), form_of(i)));
      labels.push_back(label.is_string() ? label.get<std::string>() : label.dump());
    }
    return labels;
  }

  Cell words_of(std::size_t i, const json& list) const {
    std::vector<std::string> words;
    for (const json& word : list) {
      if (word.is_null() && plan_.fields[i].answer) {
        words.emplace_back();  // nobody knows it
        continue;
      }
      if (!is_text(word)) fail(fmt::format("expected {} to be a list of words", quote(plan_.place(i))));
      words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
    }
    return cell_of_words(*this, plan_, i, std::move(words));
  }

  Numbers numbers_of(std::size_t i, const json& sequence) {
    const std::string& name = plan_.place(i);
    const bool lone = is_lone_number(i, sequence);
    if (sequence.empty() && !lone) {
      fail(fmt::format("the {} is empty; expected at least one step", printable(name)));
    }
    Numbers read;
    std::size_t& width = widths_[i];
    if (plan_.fields[i].pictures) width = 0;  // each has its own
    if (lone) {
      if (width > 1) fail(fmt::format("expected {} numbers in every step, got 1", width));
      width = 1;
      add_number(i, sequence, read);
      return read;
    }
    if (plan_.fields[i].vectors && !sequence[0].is_array()) return vector_of(i, sequence);
    const bool flat = !sequence[0].is_array() && width <= 1;
    if (flat) width = 1;
    for (const json& step : sequence) {
      const bool fits = flat ? !step.is_structured() : step.is_array() && !step.empty();
      if (!fits) fail(fmt::format("expected {} to be a list of lists of numbers", quote(name)));
      if (flat) {
        add_number(i, step, read);
        continue;
      }
      if (width == 0) width = step.size();
      if (step.size() != width) fail(fmt::format("expected {} numbers in every step, got {}", width, step.size()));
      for (const json& number : step) add_number(i, number, read);
    }
    read.width = width;
    return read;
  }

  // One step.
  Numbers vector_of(std::size_t i, const json& list) {
    std::size_t& width = widths_[i];
    if (width == 0) width = list.size();
    if (list.size() != width) fail(fmt::format("expected {} numbers in every step, got {}", width, list.size()));
    Numbers read;
    for (const json& number : list) add_number(i, number, read);
    read.width = width;
    return read;
  }

  // A piano roll of the notes that each step lists.
  Numbers notes_of(std::size_t i, const json& steps) const {
    constexpr std::size_t kNotes = 128, kMostSteps = 200'000;
    const std::string& name = plan_.place(i);
    if (steps.size() > kMostSteps) fail(fmt::format("expected at most {} steps, got {}", kMostSteps, steps.size()));
    Numbers roll{std::vector<double>(steps.size() * kNotes), kNotes};
    std::size_t first = 0;  // of this step
    for (const json& step : steps) {
      if (!step.is_array()) fail(fmt::format("expected {} to be a list of lists of notes", quote(name)));
      for (const json& note : step) {
        if (!note.is_number() || !is_note(note.get<double>())) {
          fail(fmt::format("expected notes of MIDI in {}, whole numbers from 0 to 127, got {}", quote(name),
                           note.is_structured() ? note.type_name() : quote(note.dump())));
        }
        roll.values[first + note.get<std::size_t>()] = 1;
      }
      first += kNotes;
    }
    return roll;
  }
  static bool is_note(double number) { return number >= 0 && number <= 127 && number == std::floor(number); }

  // Of an answer, null is a number that nobody knows.
  void add_number(std::size_t i, const json& number, Numbers& read) const {
    if (number.is_null() && plan_.fields[i].answer) {
      read.values.push_back(kUnknownNumber);
      return;
    }
    if (!number.is_number() || !std::isfinite(number.get<float>())) {
      fail(fmt::format("expected a number in {}, got {}{}", quote(plan_.place(i)),
                       number.is_structured() ? number.type_name() : quote(number.dump()),
                       number.is_number() ? ", which is too large" : ""));
    }
    read.values.push_back(number.get<double>());
  }

  SourcePlan plan_;
  LineReader lines_;
  // [fields]: of every step of numbers, once one is known; each record has its own where bad ones are skipped.
  std::vector<std::size_t> widths_;
  std::string sample_;  // {"label": .., "sequence": [[..], ..]}
  // A line's texts of the field several_, of which next_text_ comes next; none while the line is being read.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  json texts_ = json::array();
  std::size_t several_ = 0, next_text_ = kNone;
};

}  // namespace

std::unique_ptr<Source> open_json(SourcePlan plan) { return std::make_unique<JsonLines>(std::move(plan)); }

}  // namespace recur
