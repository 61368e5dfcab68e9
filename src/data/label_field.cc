#include "data/label_field.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr const char* kRightKey = "right_label";

}  // namespace

NamesField::NamesField(const FieldSpec& spec, CellKind kind, std::optional<std::vector<std::string>> names)
    : Field(spec, kind), key_(key_of(spec)) {
  if (names) names_ = LabelNames(std::move(*names));
}

std::string NamesField::key_of(const FieldSpec& spec) {
  return std::holds_alternative<LabelSpec>(spec.kind) ? spec.name + "s" : spec.name;
}

void NamesField::write(nlohmann::json& configuration) const { configuration[key_] = names(); }

bool NamesField::knows(const Cell& cell) const {
  if (const auto* name = std::get_if<std::string>(&cell)) return id(*name).has_value();
  const auto* some = std::get_if<std::vector<std::string>>(&cell);
  return some == nullptr || std::ranges::all_of(*some, [&](const std::string& name) { return id(name).has_value(); });
}

int NamesField::add_name(const std::string& name, Column& to) const {
  if (const std::optional<int> known = id(name)) return *known;
  to.unknown.push_back(name);
  return -static_cast<int>(to.unknown.size());
}

const std::string& NamesField::name_of(const Column& column, int id) const {
  return id < 0 ? column.unknown[static_cast<std::size_t>(-1 - id)] : names()[static_cast<std::size_t>(id)];
}

void RecordNamesField::check(const Column& column, const std::string& data) const {
  if (column.unknown.empty() || column.ids.total() > column.unknown.size()) return;
  recur::fail("{}: the model has none of its labels, the first of which is {}; expected some of {}", data,
              quote(column.unknown.front()), quoted_list(names()));
}

LabelField::LabelField(const FieldSpec& spec, std::optional<Learned> learned)
    : RecordNamesField(spec, CellKind::label, learned ? std::optional(learned->labels) : std::nullopt),
      judges_(std::get<LabelSpec>(spec.kind).judges) {
  if (learned) right_ = std::move(learned->right);
}

LabelField::Learned LabelField::read(const FieldSpec& spec, const nlohmann::json& configuration) {
  Learned learned{read_labels(configuration, key_of(spec)), ""};
  if (!std::get<LabelSpec>(spec.kind).judges) return learned;
  learned.right = learned.labels.back();
  if (configuration.contains(kRightKey)) ReadFields{configuration}(kRightKey, learned.right);
  if (std::ranges::find(learned.labels, learned.right) == learned.labels.end()) {
    recur::fail("its configuration's '{}' is {}; expected one of its labels", kRightKey, quote(learned.right));
  }
  return learned;
}

void LabelField::write(nlohmann::json& configuration) const {
  RecordNamesField::write(configuration);
  if (judges_) configuration[kRightKey] = right_;
}

std::string LabelField::describe() const {
  return RecordNamesField::describe() + (judges_ ? fmt::format("; {} is right", quote(right_)) : "");
}

void LabelField::learn(const Source& /*source*/, const Cell& cell) {
  ++records_;
  names_.count(std::get<std::string>(cell));
}

bool LabelField::finish_pass(const std::string& data) {
  if (names_.distinct() < 2) {
    fail("{}: all records have the label {}; expected at least two labels", data, quote(names_.first()));
  }
  if (judges_ && names_.distinct() != 2) {
    names_.finish();
    fail("{}: expected two labels in {}, one of what is right and one of what is not, such as 1 and 0, got {}", data,
         quote(name()), names_.describe());
  }
  if (names_.distinct() > kFewLabels && 2 * names_.distinct() > records_) {
    fail("{}: {} records have {} labels; expected labels of which each is that of many records", data, records_,
         names_.distinct());
  }
  names_.finish();
  if (judges_) right_ = right_of(names());
  return false;
}

void LabelField::encode(const Source& source, const Cell& cell, Encoded& /*to*/) const {
  if (answer() || knows(cell)) return;
  source.fail(fmt::format("the model has no label {}; expected one of {}", quote(std::get<std::string>(cell)),
                          quoted_list(names())));
}

void LabelField::add(const Cell& cell, const Encoded& /*encoded*/, std::size_t /*most*/, bool /*texts*/,
                     Column& to) const {
  const int id = add_name(std::get<std::string>(cell), to);
  to.ids.add(std::span(&id, 1));
}

void LabelField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  for (const std::size_t record : records) to.targets.push_back(column.ids[record].front());
}

Cell LabelField::cell(const Column& column, std::size_t record) const {
  return name_of(column, column.ids[record].front());
}

namespace {

// Each once, in order.
std::vector<std::string> distinct_labels(const Cell& cell) {
  std::vector<std::string> labels = std::get<std::vector<std::string>>(cell);
  std::ranges::sort(labels);
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

// Throws Error of one that a line of output has no room for.
void check_label(const Source& source, const std::string& label) {
  if (!label.empty() && label.find_first_of(std::string_view(",\t\r\n\0", 5)) == label.npos) return;
  source.fail(fmt::format("expected labels of one line without commas or tabs, got {}", quote(label)));
}

}  // namespace

void LabelsField::learn(const Source& source, const Cell& cell) {
  for (const std::string& label : distinct_labels(cell)) {
    check_label(source, label);
    ++learned_;
    names_.count(label);
  }
}

bool LabelsField::finish_pass(const std::string& data) {
  if (names_.distinct() < 2) {
    fail("{}: its records have {}; expected at least two labels", data,
         names_.distinct() == 0 ? "no labels" : "no other label than " + quote(names_.first()));
  }
  if (names_.distinct() > kFewLabels && 2 * names_.distinct() > learned_) {
    fail("{}: of {} labels {} are different; expected labels of which each is that of many records", data, learned_,
         names_.distinct());
  }
  names_.finish();
  return false;
}

void LabelsField::encode(const Source& source, const Cell& cell, Encoded& /*to*/) const {
  for (const std::string& label : std::get<std::vector<std::string>>(cell)) check_label(source, label);
}

void LabelsField::add(const Cell& cell, const Encoded& /*encoded*/, std::size_t /*most*/, bool /*texts*/,
                      Column& to) const {
  std::vector<int> ids;
  for (const std::string& label : distinct_labels(cell)) ids.push_back(add_name(label, to));
  to.ids.add(ids);
}

void LabelsField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  const std::size_t labels = names().size();
  to.numbers.assign(records.size() * labels, 0.0F);
  for (std::size_t row = 0; row < records.size(); ++row) {
    for (const int label : column.ids[records[row]]) {
      if (label >= 0) to.numbers[row * labels + static_cast<std::size_t>(label)] = 1;
    }
  }
}

Cell LabelsField::cell(const Column& column, std::size_t record) const {
  std::vector<std::string> labels;
  for (const int label : column.ids[record]) labels.push_back(name_of(column, label));
  return labels;
}

}  // namespace recur
