#include "data/endless_text_field.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/text_field.h"

namespace recur {

EndlessTextField::EndlessTextField(const FieldSpec& spec, std::optional<Tokenizer> tokenizer)
    : Field(spec, CellKind::text), spec_(std::get<EndlessTextSpec>(spec.kind)), tokenizer_(std::move(tokenizer)) {}

void EndlessTextField::learn(const InputFile& text) {
  const CodecOptions& codec = spec_.codec;
  tokenizer_ = subwords_ ? subwords_ : Tokenizer::build(text, codec.kind, codec.words, known_, codec.subwords);
}

bool EndlessTextField::begin_with(const Field& known) {
  const auto fits = [&](const auto& codec) {
    return codec.kind() == spec_.codec.kind && (codec.lowercase() || !spec_.codec.words.lowercase);
  };
  if (const auto* endless = dynamic_cast<const EndlessTextField*>(&known)) {
    if (!fits(endless->tokenizer())) return false;
    if (spec_.codec.kind == TokenizerKind::subword) {
      subwords_ = endless->tokenizer();
      return true;
    }
    known_ = endless->tokenizer().vocabulary().tokens();
    return true;
  }
  const auto* text = dynamic_cast<const TextField*>(&known);
  if (text == nullptr || !fits(text->codec())) return false;
  known_ = text->codec().own_tokens();
  return true;
}

void EndlessTextField::write(nlohmann::json& configuration) const {
  configuration["tokenizer"] = tokenizer_->to_json();
}

std::string EndlessTextField::describe() const {
  return fmt::format("{} {}s", tokenizer_->vocabulary().size(), to_string(tokenizer_->kind()));
}

void EndlessTextField::fail_records() { fail("a language model reads one text, not records"); }

const EndlessTextField* endless_text(const Fields& fields) {
  return dynamic_cast<const EndlessTextField*>(fields.front().get());
}

}  // namespace recur
