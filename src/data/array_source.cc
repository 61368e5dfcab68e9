// Arrays of NumPy and of IDX files: a field is an array, and each record a slice of it.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/show.h"
#include "data/array_reader.h"
#include "data/source_plan.h"
#include "data/zip_directory.h"

namespace recur {
namespace {

constexpr std::string_view kLengths = "lengths";  // of the sequences, in an archive

class Arrays final : public Source {
 public:
  explicit Arrays(SourcePlan plan) : plan_(std::move(plan)), arrays_(plan_.fields.size()) {
    if (begins_as_zip(*plan_.file)) {
      open_members();
    } else {
      open_files();
    }
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      if (arrays_[i]) check_array(i);
    }
    if (lengths_) check_lengths();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      if (plan_.required(i)) names.push_back(plan_.fields[i].name);
    }
    expected_ = "arrays of " + quoted_list(names);
  }

  bool next() override {
    if (record_ == records_) return false;
    ++record_;
    cells_.assign(plan_.fields.size(), {});
    std::vector<double> length;
    if (lengths_) lengths_->read(length);
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      if (!arrays_[i]) continue;
      const FieldRequest& field = plan_.fields[i];
      if (has_numbers(i)) {
        const bool one = field.kind == CellKind::number || field.one_step;
        cells_[i] = read_numbers(i, one ? std::vector<double>() : length);
      } else if (has_words(i)) {
        cells_[i] = read_words(i, length);
      } else if (is_indicator(i)) {
        cells_[i] = read_labels(i);
      } else {
        const std::string text = arrays_[i]->read_text();
        if (plan_.required(i) && !arrays_[i]->is_text() && is_missing(text)) {
          fail(fmt::format("expected a {}, got {}", field.name, text));
        }
        cells_[i] = cell_of_text(*this, plan_, i, text);
      }
    }
    return true;
  }

  std::string place() const override { return fmt::format("{}: record {}", plan_.file->name(), record_); }

 private:
  // Of an archive: a member a field.
  void open_members() {
    const std::vector<ZipMember> members = read_zip_directory(*plan_.file);
    std::vector<std::string> names;
    for (const ZipMember& member : members) names.push_back(member.name);
    const auto open = [&](const ZipMember& member) {
      return ArrayReader(ByteStream(*plan_.file, member.part, plan_.file->name() + ": " + printable(member.name)));
    };
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const ZipMember* member = find_member(members, plan_.place(i));
      if (member != nullptr) {
        arrays_[i].emplace(open(*member));
      } else if (plan_.required(i)) {
        recur::fail("{}: expected an array {}, got {}; say which: {} {}=ARRAY", plan_.file->name(),
                    quote(plan_.place(i)), quoted_list(names), plan_.columns_flag, plan_.fields[i].name);
      }
    }
    const ZipMember* lengths = find_member(members, kLengths);
    if (lengths != nullptr) lengths_.emplace(open(*lengths));
  }

  // The file is the first field of numbers, or the first that is no answer; another field is a file of its own.
  void open_files() {
    const std::size_t main = main_field();
    if (!plan_.columns[main].empty()) {
      recur::fail("{}: {} is the array of {}, which has no names; leave {} out", plan_.columns_flag, plan_.file->name(),
                  quote(plan_.fields[main].name), plan_.fields[main].name);
    }
    for (std::size_t i = 0; i < arrays_.size(); ++i) {
      const std::string& column = plan_.columns[i];
      if (i == main) {
        arrays_[i].emplace(*plan_.file);
      } else if (!column.empty() && plan_.required(i)) {
        const auto folder = std::filesystem::path(plan_.file->name()).parent_path();
        others_.push_back(std::make_unique<InputFile>((folder / column).string()));
        arrays_[i].emplace(*others_.back());
      } else if (plan_.required(i)) {
        recur::fail("{}: has only the {}; name the file with the {}: {} {}=FILE", plan_.file->name(),
                    printable(plan_.fields[main].name), printable(plan_.fields[i].name), plan_.columns_flag,
                    plan_.fields[i].name);
      }
    }
  }

  std::size_t main_field() const {
    for (std::size_t i = 0; i < plan_.fields.size(); ++i) {
      if (has_numbers(i)) return i;
    }
    const auto field = std::ranges::find(plan_.fields, false, &FieldRequest::answer);
    return static_cast<std::size_t>(field - plan_.fields.begin());
  }

  bool has_numbers(std::size_t i) const {
    const CellKind kind = plan_.fields[i].kind;
    return kind == CellKind::numbers || kind == CellKind::number || kind == CellKind::frames || kind == CellKind::notes;
  }

  // A word a step; of one text a record, blanks stand between the words.
  bool has_words(std::size_t i) const {
    return plan_.fields[i].kind == CellKind::words && arrays_[i]->dimensions() == 2 && arrays_[i]->elements() > 1;
  }

  // Of labels: a column each, 1 where a record has it.
  bool is_indicator(std::size_t i) const {
    return plan_.fields[i].kind == CellKind::labels && !arrays_[i]->is_text() && arrays_[i]->dimensions() == 2;
  }

  // Labels are called as columns are numbered, from 0.
  std::vector<std::string> read_labels(std::size_t i) {
    std::vector<double> row;
    arrays_[i]->read(row);
    std::vector<std::string> labels;
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (row[column] != 0 && row[column] != 1) {
        fail(fmt::format("expected 0 or 1 for each label in {}, got {}", quote(plan_.fields[i].name), row[column]));
      }
      if (row[column] == 1) labels.push_back(std::to_string(column));
    }
    return labels;
  }

  void check_array(std::size_t i) {
    const ArrayReader& array = *arrays_[i];
    const FieldRequest& field = plan_.fields[i];
    if (has_numbers(i)) {
      if (array.is_text()) recur::fail("{}: expected numbers for {}, got texts", array.name(), quote(field.name));
      if (array.dimensions() > 3) {
        recur::fail("{}: expected axes [records, steps, width], got {} axes; reshape it", array.name(),
                    array.dimensions());
      }
      if (array.elements() == 0) {
        recur::fail("{}: the {} is empty; expected at least one step", array.name(), printable(field.name));
      }
    } else if (array.elements() != 1 && !is_indicator(i) && !has_words(i)) {
      recur::fail("{}: expected one {} a record, got {}", array.name(), printable(field.name), array.elements());
    }
    check_records(array);
  }

  void check_lengths() {
    if (lengths_->is_text() || lengths_->elements() != 1) {
      recur::fail("{}: expected a whole number a record, the length of its sequence", lengths_->name());
    }
    check_records(*lengths_);
  }

  void check_records(const ArrayReader& array) {
    if (!known_records_) records_ = array.records();
    known_records_ = true;
    if (array.records() == records_) return;
    recur::fail("{}: expected {} records, as in the other arrays, got {}", array.name(), records_, array.records());
  }

  // How many of a record's steps are its own; `length`: of the sequence, or nothing.
  std::size_t own_steps(const std::vector<double>& length, std::size_t steps) const {
    if (length.empty()) return steps;
    const double most = static_cast<double>(steps), given = length.front();
    if (!(given >= 1 && given <= most) || given != std::floor(given)) {
      fail(fmt::format("expected a length from 1 to {}, got {}", most, given));
    }
    return static_cast<std::size_t>(given);
  }

  Cell read_words(std::size_t i, const std::vector<double>& length) {
    std::vector<std::string> words;
    for (std::size_t step = 0; step < arrays_[i]->elements(); ++step) words.push_back(arrays_[i]->read_text());
    words.resize(own_steps(length, words.size()));
    return cell_of_words(*this, plan_, i, std::move(words));
  }

  Numbers read_numbers(std::size_t i, const std::vector<double>& length) {
    ArrayReader& array = *arrays_[i];
    Numbers numbers;
    const bool vector = plan_.fields[i].vectors && array.dimensions() == 2;
    numbers.width = static_cast<std::size_t>(array.axis(vector ? 1 : 2));
    array.read(numbers.values);
    numbers.values.resize(own_steps(length, numbers.steps()) * numbers.width);
    const auto wrong =
        std::ranges::find_if_not(numbers.values, [&](double value) { return takes_number(plan_.fields[i], value); });
    if (wrong == numbers.values.end()) return numbers;
    const auto place = static_cast<std::size_t>(wrong - numbers.values.begin());
    fail(fmt::format("expected a number in {}, got {} in step {}, column {}", quote(plan_.fields[i].name), *wrong,
                     place / numbers.width + 1, place % numbers.width + 1));
  }

  SourcePlan plan_;
  std::vector<std::unique_ptr<InputFile>> others_;
  std::vector<std::optional<ArrayReader>> arrays_;  // [fields]
  std::optional<ArrayReader> lengths_;
  bool known_records_ = false;
  std::uint64_t records_ = 0, record_ = 0;  // record_: from 1
};

}  // namespace

std::unique_ptr<Source> open_arrays(SourcePlan plan) {
  if (plan.options.skip_bad) {
    fail("--skip-bad: the records of {} are parts of arrays, which are read whole or not at all; leave it out",
         plan.file->name());
  }
  return std::make_unique<Arrays>(std::move(plan));
}

}  // namespace recur
