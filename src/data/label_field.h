// One of a few names of a record, or any number of them.
#pragma once

#include <optional>
#include <span>

#include "data/field.h"
#include "data/label_names.h"

namespace recur {

// What fields of names learn: which there are. Those of words are in tags_field.h.
class NamesField : public Field {
 public:
  // In order.
  const std::vector<std::string>& names() const { return names_.all(); }
  std::optional<int> id(std::string_view name) const { return names_.id(name); }
  // How often each occurred in the data that it learned from.
  const std::vector<std::size_t>& counts() const { return names_.counts(); }

  std::size_t names_so_far() const override { return names_.distinct(); }
  std::vector<Names> names_of_ids() const override { return {{name(), names(), false}}; }
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override { return names_.describe(); }
  // Under which write() has them: "labels" of a field "label", "tags" of a field "tags".
  static std::string key_of(const FieldSpec& spec);
  // Whether all names of a cell are known.
  bool knows(const Cell& cell) const;

 protected:
  NamesField(const FieldSpec& spec, CellKind kind, std::optional<std::vector<std::string>> names);

  // What a column has of a name: its id, or -1 - i where it becomes i of the unknown ones; and the name of that.
  int add_name(const std::string& name, Column& to) const;
  const std::string& name_of(const Column& column, int id) const;
  LabelNames names_;

 private:
  std::string key_;
};

// Of a record, not of its steps.
class RecordNamesField : public NamesField {
 public:
  bool is_sequence() const override { return false; }
  std::size_t length(const Column& /*column*/, std::size_t /*record*/) const override { return 0; }
  // Throws Error where there are names and none of them is known.
  void check(const Column& column, const std::string& data) const override;

 protected:
  using NamesField::NamesField;
};

class LabelField : public RecordNamesField {
 public:
  struct Learned {
    std::vector<std::string> labels;
    std::string right;  // the one of two that says that something is right; empty where none is asked for
  };
  LabelField(const FieldSpec& spec, std::optional<Learned> learned);
  // As write() had them; in files from before `right` was written it is the last label.
  static Learned read(const FieldSpec& spec, const nlohmann::json& configuration);

  // As learned.
  const std::string& right() const { return right_; }
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  // Labels that are to be predicted may be unknown.
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;

 private:
  bool judges_;
  std::string right_;
  std::size_t records_ = 0;  // learned from
};

// Any number of labels, or none. Batches have them as `numbers` [records, labels]: 1 for each that a record has.
class LabelsField : public RecordNamesField {
 public:
  LabelsField(const FieldSpec& spec, std::optional<std::vector<std::string>> labels)
      : RecordNamesField(spec, CellKind::labels, std::move(labels)) {}

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  // Each once, in order.
  Cell cell(const Column& column, std::size_t record) const override;

 private:
  std::size_t learned_ = 0;  // labels of all records
};

}  // namespace recur
