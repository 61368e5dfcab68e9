#include "data/label_field.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/show.h"

namespace recur {

LabelField::LabelField(const FieldSpec& spec, std::optional<std::vector<std::string>> labels)
    : Field(spec.name, CellKind::label, spec.answer) {
  if (labels) names_ = LabelNames(std::move(*labels));
}

void LabelField::learn(const Source& /*source*/, const Cell& cell) {
  ++records_;
  names_.count(std::get<std::string>(cell));
}

bool LabelField::finish_pass(const std::string& data) {
  if (names_.distinct() < 2) {
    fail("{}: all records have the label {}; expected at least two labels", data, quote(names_.first()));
  }
  if (names_.distinct() > kFewLabels && 2 * names_.distinct() > records_) {
    fail("{}: {} records have {} labels; expected labels of which each is that of many records, and label<TAB>text",
         data, records_, names_.distinct());
  }
  names_.finish();
  return false;
}

void LabelField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const std::string& label = std::get<std::string>(cell);
  const std::optional<int> known = names_.id(label);
  if (!known) {
    source.fail(fmt::format("the model has no label {}; expected one of {}", quote(label), list_labels(labels())));
  }
  to.ids = {*known};
}

void LabelField::add(const Cell& /*cell*/, const Encoded& encoded, std::size_t /*most*/, bool /*texts*/,
                     Column& to) const {
  to.ids.add(encoded.ids);
}

std::size_t LabelField::length(const Column& /*column*/, std::size_t /*record*/) const { return 0; }

void LabelField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  for (const std::size_t record : records) to.targets.push_back(column.ids[record].front());
}

Cell LabelField::cell(const Column& column, std::size_t record) const {
  return labels()[static_cast<std::size_t>(column.ids[record].front())];
}

void LabelField::write(nlohmann::json& configuration) const { configuration["labels"] = labels(); }

TagsField::TagsField(const FieldSpec& spec, std::optional<std::vector<std::string>> tags)
    : Field(spec.name, CellKind::words, spec.answer) {
  if (tags) names_ = LabelNames(std::move(*tags));
}

void TagsField::learn(const Source& /*source*/, const Cell& cell) {
  for (const std::string& tag : std::get<std::vector<std::string>>(cell)) names_.count(tag);
}

bool TagsField::finish_pass(const std::string& data) {
  if (names_.distinct() < 2) {
    fail("{}: all words have the tag {}; expected at least two tags", data, quote(names_.first()));
  }
  names_.finish();
  return false;
}

void TagsField::encode(const Source& /*source*/, const Cell& cell, Encoded& to) const {
  to.ids.clear();
  for (const std::string& tag : std::get<std::vector<std::string>>(cell)) to.ids.push_back(names_.id(tag).value_or(-1));
  to.length = to.ids.size();
}

void TagsField::add(const Cell& cell, const Encoded& encoded, std::size_t most, bool /*texts*/, Column& to) const {
  const auto& tags = std::get<std::vector<std::string>>(cell);
  std::vector<int> ids;
  for (std::size_t i = 0; i < std::min(most, encoded.ids.size()); ++i) {
    if (encoded.ids[i] < 0) to.unknown.push_back(tags[i]);
    ids.push_back(encoded.ids[i] < 0 ? -static_cast<int>(to.unknown.size()) : encoded.ids[i]);
  }
  to.ids.add(ids);
}

void TagsField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  pack_steps(column.ids, records, to, to.targets);
}

Cell TagsField::cell(const Column& column, std::size_t record) const {
  std::vector<std::string> names;
  for (const int tag : column.ids[record]) {
    names.push_back(tag < 0 ? column.unknown[static_cast<std::size_t>(-1 - tag)]
                            : tags()[static_cast<std::size_t>(tag)]);
  }
  return names;
}

void TagsField::write(nlohmann::json& configuration) const { configuration["tags"] = tags(); }

}  // namespace recur
