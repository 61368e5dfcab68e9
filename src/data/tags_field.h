// One of a few names for each word, or each step. Where they mark chunks (chunk_tags.h), all may be made into one
// scheme.
#pragma once

#include "data/chunk_tags.h"
#include "data/label_field.h"

namespace recur {

class TagsField : public NamesField {
 public:
  struct Learned {
    std::vector<std::string> tags;
    TagScheme scheme;
  };
  TagsField(const FieldSpec& spec, std::optional<Learned> learned);
  // As write() had them.
  static Learned read(const FieldSpec& spec, const nlohmann::json& configuration);

  // That its tags are in; as_they_are where they mark no chunks.
  TagScheme scheme() const { return scheme_; }

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  bool follows_input() const override { return true; }
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override { return column.ids[record].size(); }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  // Throws Error where there are tags and none of them is known.
  void check(const Column& column, const std::string& data) const override;
  // Unknown tags among them.
  Cell cell(const Column& column, std::size_t record) const override;
  void write(nlohmann::json& configuration) const override;

 private:
  // Throws Error for tags that cannot be made into the scheme.
  void check_convertible(const Source& source, std::span<const std::string> tags) const;
  // The tags of a record as the model has them.
  std::vector<std::string> converted(const Cell& cell) const;

  std::string scheme_key_;
  TagScheme made_;  // as_they_are: they stay
  TagScheme scheme_ = TagScheme::as_they_are;
  SchemeFinder finder_;  // while it learns
};

}  // namespace recur
