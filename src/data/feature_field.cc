#include "data/feature_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"

namespace recur {

FeatureField::FeatureField(const FieldSpec& spec, std::optional<TextCodec> values)
    : Field(spec, CellKind::words), values_(std::move(values)) {
  if (!values_) builder_.emplace(CodecOptions{TokenizerKind::word, std::get<WordFeatureSpec>(spec.kind).values});
}

TextCodec FeatureField::read(const FieldSpec& spec, const nlohmann::json& configuration) {
  TextCodec values = TextCodec::from_json(ReadFields{configuration}.object_at(spec.name.c_str()));
  if (values.kind() != TokenizerKind::word || !values.has_specials()) {
    fail("its '{}' are not a vocabulary of words", spec.name);
  }
  return values;
}

void FeatureField::learn(const Source& /*source*/, const Cell& cell) {
  for (const std::string& value : std::get<std::vector<std::string>>(cell)) builder_->add(value);
}

bool FeatureField::finish_pass(const std::string& /*data*/) {
  values_.emplace(builder_->build());
  builder_.reset();
  return false;
}

bool FeatureField::begin_with(const Field& known) {
  const auto* other = dynamic_cast<const FeatureField*>(&known);
  return builder_ && other != nullptr && builder_->begin_with(*other->values_);
}

void FeatureField::encode(const Source& /*source*/, const Cell& cell, Encoded& to) const {
  to.ids.clear();
  for (const std::string& value : std::get<std::vector<std::string>>(cell)) {
    to.ids.push_back(values_->word_id(value));
  }
  to.length = to.ids.size();
}

void FeatureField::add(const Cell& /*cell*/, const Encoded& encoded, std::size_t most, bool /*texts*/,
                       Column& to) const {
  to.ids.add(std::span(encoded.ids).first(std::min(most, encoded.ids.size())));
}

void FeatureField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  pack_steps(column.ids, records, to, to.ids);
}

Cell FeatureField::cell(const Column& column, std::size_t record) const {
  std::vector<std::string> values;
  for (const int id : column.ids[record]) values.push_back(values_->piece(id));
  return values;
}

void FeatureField::write(nlohmann::json& configuration) const { configuration[name()] = values_->to_json(); }

std::string FeatureField::describe() const { return fmt::format("{} values", values_->size()); }

}  // namespace recur
