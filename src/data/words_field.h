// Words, each read whole and letter by letter.
#pragma once

#include <optional>

#include "data/field.h"
#include "data/text_codec.h"

namespace recur {

class WordsField : public Field {
 public:
  struct Codecs {
    TextCodec words, letters;
  };
  WordsField(const FieldSpec& spec, std::optional<Codecs> codecs);

  // Once it has learned.
  const TextCodec& words() const { return codecs_->words; }
  const TextCodec& letters() const { return codecs_->letters; }

  void learn(const Source& source, const Cell& cell) override;
  bool finish_pass(const std::string& data) override;
  bool begin_with(const Field& known) override;
  std::vector<Names> names_of_ids() const override;
  // Of its letters' vocabulary.
  std::string letters_name() const { return name() + " letters"; }
  void encode(const Source& source, const Cell& cell, Encoded& to) const override;
  void add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const override;
  std::size_t length(const Column& column, std::size_t record) const override { return column.ids[record].size(); }
  void pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const override;
  Cell cell(const Column& column, std::size_t record) const override;
  std::size_t vocabulary() const override { return static_cast<std::size_t>(words().size()); }
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

 private:
  struct Builders {
    TextCodec::Builder words, letters;
  };
  // Adds the words of a file of vectors to those that are counted, so often that none is too rare.
  void add_vector_words();

  WordsSpec spec_;
  std::optional<Codecs> codecs_;
  std::optional<Builders> builders_;  // while it learns
};

}  // namespace recur
