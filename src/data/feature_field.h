// What stands beside each word in a column of its own, such as its part of speech: one of a vocabulary.
#pragma once

#include <optional>

#include "data/field.h"
#include "data/text_codec.h"

namespace recur {

class FeatureField : public Field {
 public:
  FeatureField(const FieldSpec& spec, std::optional<TextCodec> values);
  // As write() had it.
  static TextCodec read(const FieldSpec& spec, const nlohmann::json& configuration);

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  bool begin_with(const Field& known) override;
  std::vector<Names> names_of_ids() const override { return {{name(), values_->all_pieces(), false}}; }
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool follows_input() const override { return true; }
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override { return column.ids[record].size(); }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  // Those that training did not have, or seldom, are one.
  std::size_t vocabulary() const override { return static_cast<std::size_t>(values_->size()); }
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  std::optional<TextCodec> values_;
  std::optional<TextCodec::Builder> builder_;  // while it learns
};

}  // namespace recur
