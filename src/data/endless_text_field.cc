#include "data/endless_text_field.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace recur {

EndlessTextField::EndlessTextField(const FieldSpec& spec, std::optional<Tokenizer> tokenizer)
    : Field(spec, CellKind::text), spec_(std::get<EndlessTextSpec>(spec.kind)), tokenizer_(std::move(tokenizer)) {}

void EndlessTextField::learn(const InputFile& text) { tokenizer_ = Tokenizer::build(text, spec_.kind, spec_.words); }

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
