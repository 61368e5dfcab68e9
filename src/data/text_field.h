// A text: its tokens.
#pragma once

#include <optional>

#include "data/field.h"
#include "data/text_codec.h"

namespace recur {

// What a piece of a text is, as a number: a hash of how it is spelled.
std::uint64_t key_of(std::string_view spelling);

class TextField : public Field {
 public:
  TextField(const FieldSpec& spec, std::optional<TextCodec> codec);

  // Once it has learned.
  const TextCodec& codec() const { return *codec_; }
  bool reversed() const { return spec_.reversed; }
  // Learns together with another, which has learned when this one asks it.
  void share(TextField& other) { other_ = &other; }
  const std::string& shares() const { return spec_.shares; }
  // From now on records have the keys of their tokens, and so are told apart those that the vocabulary lacks; marks
  // have 0. For who needs them, before records are read.
  void keep_keys() { keeps_keys_ = true; }
  // What each key of a record stands for, where its text was kept.
  std::vector<std::string> spellings(const Column& column, std::size_t record) const;
  // What a record's text was, piece by piece in the order in which it is read, as far as it was kept.
  std::vector<std::string> pieces(const Column& column, std::size_t record) const;
  // How many tokens of a record are read, and how many are predicted, where it has marks.
  std::size_t length(const Column& column, std::size_t record) const override;

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  bool begin_with(const Field& known) override;
  std::vector<Names> names_of_ids() const override { return {{name(), codec().all_pieces()}}; }
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  std::string empty_problem(const Source& source, const Cell& cell) const override;
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  std::size_t vocabulary() const override { return static_cast<std::size_t>(codec().size()); }
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  void add_keys(const Encoded& encoded, std::size_t most, Ragged<std::uint64_t>& to) const;
  // As many pieces of a record's text as were read, in that order.
  std::vector<std::string> as_read(std::vector<std::string> pieces, const Column& column, std::size_t record) const;

  TextSpec spec_;
  bool keeps_keys_ = false;
  std::optional<TextCodec> codec_;
  std::optional<TextCodec::Builder> builder_;  // while it learns
  TextField* other_ = nullptr;                 // whose vocabulary it has
};

}  // namespace recur
