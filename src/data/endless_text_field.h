// One endless text: the tokens of a whole file (data/corpus.h). It has no records.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/field.h"
#include "data/tokenizer.h"

namespace recur {

class EndlessTextField : public Field {
 public:
  EndlessTextField(const FieldSpec& spec, std::optional<Tokenizer> tokenizer);

  // Once it has learned.
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  void learn(const InputFile& text);
  bool begin_with(const Field& known) override;
  std::vector<Names> names_of_ids() const override { return {{name(), tokenizer().vocabulary().tokens()}}; }

  std::size_t vocabulary() const override { return static_cast<std::size_t>(tokenizer().vocabulary().size()); }
  void write(nlohmann::json& configuration) const override;
  std::string describe() const override;

  void learn(const Source&, const Cell&) override { fail_records(); }
  void encode(const Source&, const Cell&, Encoded&) const override { fail_records(); }
  void add(const Cell&, const Encoded&, std::size_t, bool, Column&) const override { fail_records(); }
  std::size_t length(const Column&, std::size_t) const override { fail_records(); }
  void pack(const Column&, std::span<const std::size_t>, FieldBatch&) const override { fail_records(); }
  Cell cell(const Column&, std::size_t) const override { fail_records(); }

 private:
  [[noreturn]] static void fail_records();

  EndlessTextSpec spec_;
  std::optional<Tokenizer> tokenizer_;
  std::vector<std::string> known_;     // what its vocabulary begins with,
  std::optional<Tokenizer> subwords_;  // or, of subwords, is
};

// The field of a recipe that reads one; null where it reads records.
const EndlessTextField* endless_text(const Fields& fields);

}  // namespace recur
