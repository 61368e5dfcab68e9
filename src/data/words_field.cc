#include "data/words_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/endless_text_field.h"
#include "data/text_field.h"
#include "data/white_space.h"
#include "data/word_vectors.h"

namespace recur {
namespace {

constexpr std::size_t kMostLetters = 64;  // of a word; only its first are read

}  // namespace

WordsField::WordsField(const FieldSpec& spec, std::optional<Codecs> codecs)
    : Field(spec, CellKind::words), spec_(std::get<WordsSpec>(spec.kind)), codecs_(std::move(codecs)) {
  if (codecs_) return;
  const CodecOptions words{TokenizerKind::word, spec_.words};
  builders_.emplace(Builders{TextCodec::Builder(words), TextCodec::Builder({TokenizerKind::character, {}})});
}

void WordsField::learn(const Source& /*source*/, const Cell& cell) {
  for (const std::string& word : std::get<std::vector<std::string>>(cell)) {
    builders_->words.add(word);
    builders_->letters.add(word);
  }
}

void WordsField::add_vector_words() {
  for (const std::string& word : read_vector_words(spec_.vectors)) {
    if (cut_at_blanks(word).size() != 1) continue;
    for (std::uint64_t i = 0; i < std::max<std::uint64_t>(spec_.words.min_count, 1); ++i) builders_->words.add(word);
  }
}

bool WordsField::finish_pass(const std::string& /*data*/) {
  if (!spec_.vectors.empty()) add_vector_words();
  codecs_.emplace(Codecs{builders_->words.build(), builders_->letters.build()});
  builders_.reset();
  return false;
}

bool WordsField::begin_with(const Field& known) {
  if (!builders_) return false;
  if (const auto* words = dynamic_cast<const WordsField*>(&known)) {
    return builders_->words.begin_with(words->words()) && builders_->letters.begin_with(words->letters());
  }
  if (const auto* text = dynamic_cast<const TextField*>(&known)) return builders_->words.begin_with(text->codec());
  const auto* endless = dynamic_cast<const EndlessTextField*>(&known);
  return endless != nullptr && builders_->words.begin_with(TextCodec::of(endless->tokenizer()));
}

std::vector<Field::Names> WordsField::names_of_ids() const {
  return {{name(), words().all_pieces()}, {letters_name(), letters().all_pieces()}};
}

void WordsField::encode(const Source& /*source*/, const Cell& cell, Encoded& to) const {
  to.ids.clear();
  for (const std::string& word : std::get<std::vector<std::string>>(cell)) {
    to.ids.push_back(words().word_id(word));
  }
  to.length = to.ids.size();
}

void WordsField::add(const Cell& cell, const Encoded& encoded, std::size_t most, bool /*texts*/, Column& to) const {
  const auto& texts = std::get<std::vector<std::string>>(cell);
  const std::size_t kept = std::min(most, encoded.ids.size());
  std::vector<int> spellings;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto [place, is_new] = to.place_of.emplace(texts[i], static_cast<int>(to.distinct.size()));
    if (is_new) {
      std::vector<int> ids = letters().encode(texts[i]);
      ids.resize(std::min(ids.size(), kMostLetters));
      to.letters.add(ids);
      to.distinct.push_back(texts[i]);
    }
    spellings.push_back(place->second);
  }
  to.ids.add(std::span(encoded.ids).first(kept));
  to.spellings.add(spellings);
}

void WordsField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  pack_steps(column.ids, records, to, to.ids);
  pack_steps(column.spellings, records, to, to.spellings);
}

Cell WordsField::cell(const Column& column, std::size_t record) const {
  std::vector<std::string> words;
  for (const int spelling : column.spellings[record]) {
    words.push_back(column.distinct[static_cast<std::size_t>(spelling)]);
  }
  return words;
}

void WordsField::write(nlohmann::json& configuration) const {
  configuration["words"] = words().to_json();
  configuration["letters"] = letters().to_json();
}

std::string WordsField::describe() const { return fmt::format("{} words", words().size()); }

}  // namespace recur
