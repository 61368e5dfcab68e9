#include "data/text_field.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/content_hash.h"
#include "base/error.h"
#include "data/endless_text_field.h"
#include "data/token_scanner.h"
#include "data/white_space.h"

namespace recur {
namespace {

FieldRequest request_of(const FieldSpec& spec) {
  FieldRequest request{spec.name, CellKind::text, spec.answer};
  request.several = std::get<TextSpec>(spec.kind).several;
  return request;
}

}  // namespace

std::uint64_t key_of(std::string_view spelling) {
  ContentHash hash;
  hash.add({spelling.data(), spelling.size()});
  return hash.value();
}

TextField::TextField(const FieldSpec& spec, std::optional<TextCodec> codec)
    : Field(spec, request_of(spec)), spec_(std::get<TextSpec>(spec.kind)), codec_(std::move(codec)) {
  if (!codec_) builder_.emplace(spec_.codec, spec_.flags);
  if (codec_ && spec_.marks && !codec_->has_specials()) {
    fail("its configuration has a vocabulary without beginnings and ends");
  }
}

void TextField::learn(const Source& source, const Cell& cell) {
  if (!builder_) return;
  const std::string& text = std::get<std::string>(cell);
  const bool characters = spec_.codec.kind == TokenizerKind::character;
  if (text.find_first_not_of(characters ? "" : " \t\v\f\r") == text.npos) source.fail(empty_problem(source, cell));
  (other_ != nullptr && other_->builder_ ? other_->builder_ : builder_)->add(text);
}

bool TextField::finish_pass(const std::string& data) {
  if (builder_ && other_ != nullptr) other_->finish_pass(data);
  if (builder_) codec_ = other_ != nullptr ? *other_->codec_ : builder_->build();
  builder_.reset();
  return false;
}

bool TextField::begin_with(const Field& known) {
  if (!builder_) return false;
  const bool bytes_too = !spec_.marks;  // which bytes have not
  if (const auto* text = dynamic_cast<const TextField*>(&known)) return builder_->begin_with(text->codec(), bytes_too);
  const auto* endless = dynamic_cast<const EndlessTextField*>(&known);
  return endless != nullptr && builder_->begin_with(TextCodec::of(endless->tokenizer()), bytes_too);
}

void TextField::encode(const Source& /*source*/, const Cell& cell, Encoded& to) const {
  to.ids = codec_->encode(std::get<std::string>(cell));
  to.length = to.ids.size();
  if (!keeps_keys_) return;
  to.keys.clear();
  for (const std::string& spelling : codec_->spellings(std::get<std::string>(cell)))
    to.keys.push_back(key_of(spelling));
}

std::string TextField::empty_problem(const Source& source, const Cell& cell) const {
  if (!codec_ || is_blank_text(std::get<std::string>(cell))) return Field::empty_problem(source, cell);
  // A codec that leaves out what it lacks.
  return fmt::format("the model knows no {} of the {}, and has no {}; train it again", to_string(codec_->kind()),
                     name(), kUnknownToken);
}

void TextField::add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const {
  std::vector<int> ids(encoded.ids.begin(),
                       encoded.ids.begin() + static_cast<std::ptrdiff_t>(std::min(most, encoded.ids.size())));
  if (codec_->unknown()) to.missing += static_cast<std::uint64_t>(std::ranges::count(ids, *codec_->unknown()));
  if (spec_.reversed) std::ranges::reverse(ids);
  if (spec_.marks) {
    ids.insert(ids.begin(), codec_->begin());
    if (encoded.length <= most) ids.push_back(codec_->end());  // a text that was cut has no end
  }
  to.ids.add(ids);
  if (keeps_keys_) add_keys(encoded, most, to.keys);
  if (texts) to.texts.push_back(std::get<std::string>(cell));
}

void TextField::add_keys(const Encoded& encoded, std::size_t most, Ragged<std::uint64_t>& to) const {
  std::vector<std::uint64_t> keys = encoded.keys;
  keys.resize(std::min(most, keys.size()));
  if (spec_.reversed) std::ranges::reverse(keys);
  if (spec_.marks) {
    keys.insert(keys.begin(), 0);
    if (encoded.length <= most) keys.push_back(0);
  }
  to.add(keys);
}

std::size_t TextField::length(const Column& column, std::size_t record) const {
  return column.ids[record].size() - (spec_.marks ? 1 : 0);
}

std::vector<std::string> TextField::pieces(const Column& column, std::size_t record) const {
  return as_read(codec_->pieces(column.texts[record]), column, record);
}

std::vector<std::string> TextField::spellings(const Column& column, std::size_t record) const {
  return as_read(codec_->spellings(column.texts[record]), column, record);
}

std::vector<std::string> TextField::as_read(std::vector<std::string> pieces, const Column& column,
                                            std::size_t record) const {
  pieces.resize(column.ids[record].size());
  if (spec_.reversed) std::ranges::reverse(pieces);
  return pieces;
}

void TextField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  if (!spec_.marks) return pack_steps(column.ids, records, to, to.ids);
  std::vector<std::size_t> lengths;
  for (const std::size_t record : records) lengths.push_back(length(column, record));
  lay_out(lengths, to);
  to.ids.reserve(to.steps.total());
  for (std::size_t t = 0; t < to.steps.length(); ++t) {
    for (std::size_t row = 0; row < to.steps.rows(t); ++row) {
      const std::span<const int> ids = column.ids[records[to.of[row]]];
      to.ids.push_back(ids[t]);
      to.targets.push_back(ids[t + 1]);
    }
  }
}

// As the model writes it.
Cell TextField::cell(const Column& column, std::size_t record) const {
  return codec().lowercase() ? lower_case(column.texts[record]) : column.texts[record];
}

void TextField::write(nlohmann::json& configuration) const { configuration[name()] = codec_->to_json(); }

std::string TextField::describe() const { return fmt::format("{} {}s", codec_->size(), to_string(codec_->kind())); }

}  // namespace recur
