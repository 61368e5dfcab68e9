// One of a few names: of a record, or of each of its words.
#pragma once

#include <map>
#include <optional>

#include "data/field.h"
#include "data/label_names.h"

namespace recur {

class LabelField : public Field {
 public:
  LabelField(const FieldSpec& spec, std::optional<std::vector<std::string>> labels);

  const std::vector<std::string>& labels() const { return names_.all(); }
  std::optional<int> id(std::string_view label) const { return names_.id(label); }
  // How often each occurred in the data that it learned from.
  const std::vector<std::size_t>& counts() const { return names_.counts(); }

  void learn(const Source& source, const Cell& cell) override;
  std::size_t names_so_far() const override { return names_.distinct(); }
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool is_sequence() const override { return false; }
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override;
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override { return names_.describe(); }

 private:
  LabelNames names_;
  std::size_t records_ = 0;  // learned from
};

class TagsField : public Field {
 public:
  TagsField(const FieldSpec& spec, std::optional<std::vector<std::string>> tags);

  const std::vector<std::string>& tags() const { return names_.all(); }

  void learn(const Source& source, const Cell& cell) override;
  std::size_t names_so_far() const override { return names_.distinct(); }
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool follows_input() const override { return true; }
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override { return column.ids[record].size(); }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  // Unknown tags among them.
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override { return names_.describe(); }

 private:
  LabelNames names_;
};

}  // namespace recur
