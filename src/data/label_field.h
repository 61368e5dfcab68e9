// One of a few names: of a record, or of each of its words.
#pragma once

#include <optional>

#include "data/field.h"
#include "data/label_names.h"

namespace recur {

// What both learn: which names there are.
class NamesField : public Field {
 public:
  // In order.
  const std::vector<std::string>& names() const { return names_.all(); }
  std::optional<int> id(std::string_view name) const { return names_.id(name); }
  // How often each occurred in the data that it learned from.
  const std::vector<std::size_t>& counts() const { return names_.counts(); }

  std::size_t names_so_far() const override { return names_.distinct(); }
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override { return names_.describe(); }
  // Under which write() has them: "labels" of a field "label", "tags" of a field "tags".
  static std::string key_of(const FieldSpec& spec);

 protected:
  NamesField(const FieldSpec& spec, CellKind kind, std::optional<std::vector<std::string>> names);

  LabelNames names_;

 private:
  std::string key_;
};

class LabelField : public NamesField {
 public:
  LabelField(const FieldSpec& spec, std::optional<std::vector<std::string>> labels)
      : NamesField(spec, CellKind::label, std::move(labels)) {}

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool is_sequence() const override { return false; }
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& /*column*/, std::size_t /*record*/) const override { return 0; }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;

 private:
  std::size_t records_ = 0;  // learned from
};

class TagsField : public NamesField {
 public:
  TagsField(const FieldSpec& spec, std::optional<std::vector<std::string>> tags)
      : NamesField(spec, CellKind::words, std::move(tags)) {}

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool follows_input() const override { return true; }
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override { return column.ids[record].size(); }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  // Unknown tags among them.
  Cell cell(const Column& column, std::size_t record) const override;
};

}  // namespace recur
