#include "data/label_field.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr int kNoTag = std::numeric_limits<int>::min();  // nobody knows it

}  // namespace

NamesField::NamesField(const FieldSpec& spec, CellKind kind, std::optional<std::vector<std::string>> names)
    : Field(spec, kind), key_(key_of(spec)) {
  if (names) names_ = LabelNames(std::move(*names));
}

std::string NamesField::key_of(const FieldSpec& spec) {
  return std::holds_alternative<LabelSpec>(spec.kind) ? spec.name + "s" : spec.name;
}

void NamesField::write(nlohmann::json& configuration) const { configuration[key_] = names(); }

void LabelField::learn(const Source& /*source*/, const Cell& cell) {
  ++records_;
  names_.count(std::get<std::string>(cell));
}

bool LabelField::finish_pass(const std::string& data) {
  if (names_.distinct() < 2) {
    fail("{}: all records have the label {}; expected at least two labels", data, quote(names_.first()));
  }
  if (names_.distinct() > kFewLabels && 2 * names_.distinct() > records_) {
    fail("{}: {} records have {} labels; expected labels of which each is that of many records", data, records_,
         names_.distinct());
  }
  names_.finish();
  return false;
}

void LabelField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const std::string& label = std::get<std::string>(cell);
  const std::optional<int> known = names_.id(label);
  if (!known) {
    source.fail(fmt::format("the model has no label {}; expected one of {}", quote(label), list_labels(names())));
  }
  to.ids = {*known};
}

void LabelField::add(const Cell& /*cell*/, const Encoded& encoded, std::size_t /*most*/, bool /*texts*/,
                     Column& to) const {
  to.ids.add(encoded.ids);
}

void LabelField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  for (const std::size_t record : records) to.targets.push_back(column.ids[record].front());
}

Cell LabelField::cell(const Column& column, std::size_t record) const {
  return names()[static_cast<std::size_t>(column.ids[record].front())];
}

void TagsField::learn(const Source& /*source*/, const Cell& cell) {
  for (const std::string& tag : std::get<std::vector<std::string>>(cell)) {
    if (!tag.empty()) names_.count(tag);
  }
}

bool TagsField::finish_pass(const std::string& data) {
  if (names_.distinct() == 0) fail("{}: there are no {}; expected at least two different ones", data, name());
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
    if (tags[i].empty()) {
      ids.push_back(kNoTag);
      continue;
    }
    if (encoded.ids[i] < 0) to.unknown.push_back(tags[i]);
    ids.push_back(encoded.ids[i] < 0 ? -static_cast<int>(to.unknown.size()) : encoded.ids[i]);
  }
  to.ids.add(ids);
}

void TagsField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  pack_steps(column.ids, records, to, to.targets);
}

Cell TagsField::cell(const Column& column, std::size_t record) const {
  std::vector<std::string> tags;
  for (const int tag : column.ids[record]) {
    if (tag == kNoTag) {
      tags.emplace_back();
      continue;
    }
    tags.push_back(tag < 0 ? column.unknown[static_cast<std::size_t>(-1 - tag)]
                           : names()[static_cast<std::size_t>(tag)]);
  }
  return tags;
}

}  // namespace recur
