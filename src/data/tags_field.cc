#include "data/tags_field.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/show.h"

namespace recur {
namespace {

std::string key_of_scheme(const FieldSpec& spec) { return NamesField::key_of(spec) + "_scheme"; }

std::optional<std::vector<std::string>> names_of(std::optional<ChunkTagsField::Learned>& learned) {
  return learned ? std::optional(learned->tags) : std::nullopt;
}

}  // namespace

ChunkTagsField::ChunkTagsField(const FieldSpec& spec, std::optional<Learned> learned)
    : TagsField(spec, names_of(learned)),
      scheme_key_(key_of_scheme(spec)),
      made_(std::get<TagsSpec>(spec.kind).scheme) {
  if (learned) scheme_ = learned->scheme;
}

ChunkTagsField::Learned ChunkTagsField::read(const FieldSpec& spec, const nlohmann::json& configuration) {
  Learned learned{read_labels(configuration, key_of(spec)), TagScheme::as_they_are};
  const std::string key = key_of_scheme(spec);
  if (!configuration.contains(key)) {
    learned.scheme = SchemeFinder().scheme(learned.tags);  // of a model from before it was written
    return learned;
  }
  std::string name;
  ReadFields{configuration}(key.c_str(), name);
  const std::optional<TagScheme> scheme = choice_named<TagScheme>(name);
  if (!scheme) fail("its configuration's '{}' is {}; expected a scheme of tags", key, quote(name));
  learned.scheme = *scheme;
  return learned;
}

void ChunkTagsField::write(nlohmann::json& configuration) const {
  TagsField::write(configuration);
  configuration[scheme_key_] = std::string(to_string(scheme_));
}

void ChunkTagsField::check_convertible(const Source& source, std::span<const std::string> tags) const {
  if (made_ == TagScheme::as_they_are) return;
  const auto wrong = std::ranges::find_if_not(tags, is_chunk_tag);
  if (wrong == tags.end()) return;
  source.fail(fmt::format("--scheme {}: expected tags that mark chunks, such as B-NAME, I-NAME and O, got {}",
                          to_string(made_), wrong->empty() ? "one that nobody knows" : quote(*wrong)));
}

Cell ChunkTagsField::converted(const Cell& cell) const {
  if (made_ == TagScheme::as_they_are) return cell;
  return in_scheme(std::get<std::vector<std::string>>(cell), made_);
}

void ChunkTagsField::learn(const Source& source, const Cell& cell) {
  check_convertible(source, std::get<std::vector<std::string>>(cell));
  const Cell tags = converted(cell);
  finder_.add(std::get<std::vector<std::string>>(tags));
  TagsField::learn(source, tags);
}

bool ChunkTagsField::finish_pass(const std::string& data) {
  const bool again = TagsField::finish_pass(data);
  scheme_ = made_ == TagScheme::as_they_are ? finder_.scheme(names()) : made_;
  return again;
}

void ChunkTagsField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  check_convertible(source, std::get<std::vector<std::string>>(cell));
  TagsField::encode(source, converted(cell), to);
}

void ChunkTagsField::add(const Cell& cell, const Encoded& encoded, std::size_t most, bool texts, Column& to) const {
  TagsField::add(converted(cell), encoded, most, texts, to);
}

}  // namespace recur
