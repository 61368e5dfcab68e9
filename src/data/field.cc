#include "data/field.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"
#include "base/json_fields.h"
#include "data/endless_text_field.h"
#include "data/feature_field.h"
#include "data/image_field.h"
#include "data/knob_field.h"
#include "data/label_field.h"
#include "data/notes_field.h"
#include "data/numbers_field.h"
#include "data/series_field.h"
#include "data/strokes_field.h"
#include "data/tags_field.h"
#include "data/text_field.h"
#include "data/words_field.h"

namespace recur {
namespace {

using nlohmann::json;

NumbersField::Moments read_moments(const FieldSpec& spec, const json& configuration) {
  NumbersField::Moments moments;
  const ReadFields read{configuration};
  const std::string mean = NumbersField::key_of(spec, "mean"), scale = NumbersField::key_of(spec, "scale");
  if (!configuration.contains(mean)) fail("its configuration names neither a text nor numbers as input");
  read(mean.c_str(), moments.mean);
  read(scale.c_str(), moments.scale);
  const auto finite = [](double number) { return std::isfinite(number); };
  if (moments.mean.empty() || moments.mean.size() != moments.scale.size() ||
      !std::ranges::all_of(moments.mean, finite) || !std::ranges::all_of(moments.scale, finite) ||
      !(std::ranges::min(moments.scale) > 0)) {
    fail("its configuration's '{}' and '{}' are not finite numbers, as many of each, the scale's above 0", mean, scale);
  }
  return moments;
}

WordsField::Codecs read_words(const json& configuration) {
  const ReadFields read{configuration};
  WordsField::Codecs codecs{TextCodec::from_json(read.object_at("words")),
                            TextCodec::from_json(read.object_at("letters"))};
  if (codecs.words.kind() != TokenizerKind::word || !codecs.words.has_specials()) {
    fail("its 'words' are not a vocabulary of words");
  }
  if (codecs.letters.kind() != TokenizerKind::character || !codecs.letters.has_specials()) {
    fail("its 'letters' are not a vocabulary of characters");
  }
  return codecs;
}

// What makes a field from its specification, and from a configuration where there is one.
struct Maker {
  const FieldSpec& spec;
  const json* configuration;

  template <class F, class Read>
  std::unique_ptr<Field> make(const Read& read) const {
    if (configuration == nullptr) return std::make_unique<F>(spec, std::nullopt);
    return std::make_unique<F>(spec, read(*configuration));
  }
  std::unique_ptr<Field> operator()(const TextSpec&) const {
    return make<TextField>(
        [&](const json& c) { return TextCodec::from_json(ReadFields{c}.object_at(spec.name.c_str())); });
  }
  std::unique_ptr<Field> operator()(const EndlessTextSpec&) const {
    return make<EndlessTextField>(
        [](const json& c) { return Tokenizer::from_json(ReadFields{c}.object_at("tokenizer")); });
  }
  std::unique_ptr<Field> operator()(const LabelSpec&) const {
    return make<LabelField>([&](const json& c) { return LabelField::read(spec, c); });
  }
  std::unique_ptr<Field> operator()(const LabelsSpec&) const {
    return make<LabelsField>([&](const json& c) { return read_labels(c, NamesField::key_of(spec)); });
  }
  std::unique_ptr<Field> operator()(const NotesSpec&) const { return std::make_unique<NotesField>(spec); }
  std::unique_ptr<Field> operator()(const StrokesSpec&) const {
    return make<StrokesField>([&](const json& c) { return StrokesField::read(spec, c); });
  }
  std::unique_ptr<Field> operator()(const WordsSpec&) const { return make<WordsField>(read_words); }
  std::unique_ptr<Field> operator()(const WordFeatureSpec&) const {
    return make<FeatureField>([&](const json& c) { return FeatureField::read(spec, c); });
  }
  std::unique_ptr<Field> operator()(const TagsSpec&) const {
    return make<TagsField>([&](const json& c) { return TagsField::read(spec, c); });
  }
  std::unique_ptr<Field> operator()(const SeriesSpec&) const { return make<SeriesField>(read_learned_series); }
  std::unique_ptr<Field> operator()(const NumbersSpec&) const {
    return make<NumbersField>([&](const json& c) { return read_moments(spec, c); });
  }
  std::unique_ptr<Field> operator()(const KnobSpec&) const {
    return make<KnobField>([&](const json& c) { return KnobField::read(spec, c); });
  }
  std::unique_ptr<Field> operator()(const ImageSpec&) const {
    return make<ImageField>([&](const json& c) { return read_image_size(spec, c); });
  }
};

}  // namespace

std::string Field::empty_problem(const Source& source, const Cell& /*cell*/) const {
  return fmt::format("the {} is empty; expected {}", name(), source.expected());
}

std::unique_ptr<Field> make_field(const FieldSpec& spec) { return std::visit(Maker{spec, nullptr}, spec.kind); }

void share_vocabularies(const Fields& fields) {
  for (const auto& field : fields) {
    auto* text = dynamic_cast<TextField*>(field.get());
    if (text == nullptr || text->shares().empty()) continue;
    auto* other = dynamic_cast<TextField*>(fields[field_named(fields, text->shares(), "shares")].get());
    if (other == nullptr) fail_wrong_field(text->shares(), "shares");
    text->share(*other);
  }
}

std::unique_ptr<Field> read_field(const FieldSpec& spec, const json& configuration) {
  return std::visit(Maker{spec, &configuration}, spec.kind);
}

std::vector<FieldRequest> requests_of(const Fields& fields) {
  std::vector<FieldRequest> requests;
  for (const auto& field : fields) requests.push_back(field->request());
  return requests;
}

std::size_t field_named(const Fields& fields, std::string_view name, const char* who) {
  const auto place = std::ranges::find(fields, name, [](const auto& field) { return field->name(); });
  if (place == fields.end()) fail("{}: the recipe has no field {}", who, name);
  return static_cast<std::size_t>(place - fields.begin());
}

void fail_wrong_field(std::string_view name, const char* who) {
  fail("{}: the field {} is of another kind than it needs", who, name);
}

std::vector<std::size_t> longest_first(std::span<const std::size_t> lengths) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t row) { return lengths[row]; });
  return order;
}

void lay_out(std::span<const std::size_t> lengths, FieldBatch& to) {
  std::vector<std::size_t> sorted;
  to.of = longest_first(lengths);
  for (const std::size_t row : to.of) sorted.push_back(lengths[row]);
  to.steps = Steps::from_lengths(sorted);
}

Batch make_batch(const Fields& fields, const Records& records, std::span<const std::size_t> which) {
  Batch batch{which, {}, std::vector<FieldBatch>(fields.size())};
  for (const std::size_t record : which) batch.lengths.push_back(records.lengths[record]);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Column& column = records.columns[i];
    batch.fields[i].column = &column;
    // An answer that was not asked for is not there.
    if (column.ids.size() + column.numbers.size() + column.windows.size() > 0)
      fields[i]->pack(column, which, batch.fields[i]);
  }
  return batch;
}

}  // namespace recur
