#include "data/tags_field.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/show.h"

namespace recur {
namespace {

constexpr int kNoTag = std::numeric_limits<int>::min();  // nobody knows it

std::string key_of_scheme(const FieldSpec& spec) { return NamesField::key_of(spec) + "_scheme"; }

std::optional<std::vector<std::string>> names_of(std::optional<TagsField::Learned>& learned) {
  return learned ? std::optional(learned->tags) : std::nullopt;
}

}  // namespace

TagsField::TagsField(const FieldSpec& spec, std::optional<Learned> learned)
    : NamesField(spec, CellKind::words, names_of(learned)),
      scheme_key_(key_of_scheme(spec)),
      made_(std::get<TagsSpec>(spec.kind).scheme) {
  if (learned) scheme_ = learned->scheme;
}

TagsField::Learned TagsField::read(const FieldSpec& spec, const nlohmann::json& configuration) {
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

void TagsField::write(nlohmann::json& configuration) const {
  NamesField::write(configuration);
  configuration[scheme_key_] = std::string(to_string(scheme_));
}

void TagsField::check_convertible(const Source& source, std::span<const std::string> tags) const {
  if (made_ == TagScheme::as_they_are) return;
  const auto wrong = std::ranges::find_if_not(tags, is_chunk_tag);
  if (wrong == tags.end()) return;
  source.fail(fmt::format("--scheme {}: expected tags that mark chunks, such as B-NAME, I-NAME and O, got {}",
                          to_string(made_), wrong->empty() ? "one that nobody knows" : quote(*wrong)));
}

std::vector<std::string> TagsField::converted(const Cell& cell) const {
  const auto& tags = std::get<std::vector<std::string>>(cell);
  return made_ == TagScheme::as_they_are ? tags : in_scheme(tags, made_);
}

void TagsField::learn(const Source& source, const Cell& cell) {
  check_convertible(source, std::get<std::vector<std::string>>(cell));
  const std::vector<std::string> tags = converted(cell);
  finder_.add(tags);
  for (const std::string& tag : tags) {
    if (!tag.empty()) names_.count(tag);
  }
}

bool TagsField::finish_pass(const std::string& data) {
  if (names_.distinct() == 0) fail("{}: there are no {}; expected at least two different ones", data, name());
  if (names_.distinct() < 2) {
    fail("{}: all words have the tag {}; expected at least two tags", data, quote(names_.first()));
  }
  names_.finish();
  scheme_ = made_ == TagScheme::as_they_are ? finder_.scheme(names()) : made_;
  return false;
}

void TagsField::encode(const Source& source, const Cell& cell, Encoded& to) const {
  const auto& tags = std::get<std::vector<std::string>>(cell);
  check_convertible(source, tags);
  to.length = tags.size();
}

void TagsField::add(const Cell& cell, const Encoded& encoded, std::size_t most, bool /*texts*/, Column& to) const {
  const std::vector<std::string> tags = converted(cell);
  std::vector<int> ids;
  for (std::size_t i = 0; i < std::min(most, encoded.length); ++i) {
    ids.push_back(tags[i].empty() ? kNoTag : add_name(tags[i], to));
  }
  to.ids.add(ids);
}

void TagsField::pack(const Column& column, std::span<const std::size_t> records, FieldBatch& to) const {
  pack_steps(column.ids, records, to, to.targets);
}

void TagsField::check(const Column& column, const std::string& data) const {
  if (column.unknown.empty()) return;
  for (std::size_t record = 0; record < column.ids.size(); ++record) {
    if (std::ranges::any_of(column.ids[record], [](int tag) { return tag >= 0; })) return;
  }
  recur::fail("{}: the model has none of its {}, the first of which is {}; expected some of {}", data, name(),
              quote(column.unknown.front()), quoted_list(names()));
}

Cell TagsField::cell(const Column& column, std::size_t record) const {
  std::vector<std::string> tags;
  for (const int tag : column.ids[record]) tags.push_back(tag == kNoTag ? "" : name_of(column, tag));
  return tags;
}

}  // namespace recur
