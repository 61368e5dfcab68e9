#include "tasks/nearest_caption.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/show.h"
#include "measures/captions.h"
#include "measures/measures.h"
#include "measures/nearest.h"
#include "measures/output_groups.h"
#include "tasks/network.h"

namespace recur {
namespace {

// Different pictures, in the order in which they come, each with its captions.
struct Gallery {
  std::size_t width = 0;
  std::vector<float> vectors;         // [pictures, width]
  std::vector<std::string> captions;  // the first of each
  struct Record {
    Cell input;
    std::string text;
  };
  std::vector<Record> records;

  ConstMatrix matrix() const { return {vectors.data(), captions.size(), width, width}; }
};

// The mean of its places, or rows of pixels, side by side.
std::vector<float> vector_of(const Numbers& numbers, bool pixels) {
  if (pixels) return {numbers.values.begin(), numbers.values.end()};
  std::vector<float> mean(numbers.width);
  for (std::size_t i = 0; i < numbers.values.size(); ++i) {
    mean[i % numbers.width] += static_cast<float>(numbers.values[i] / static_cast<double>(numbers.steps()));
  }
  return mean;
}

Gallery read_gallery(const TaskOptions& options, const DecoderSpec& spec, const RecordData& data) {
  const Fields fields = blank_fields(options, data);
  const bool fits = std::ranges::any_of(fields, [&](const auto& field) { return field->name() == spec.input; });
  if (!fits)
    fail("--baseline: {} has no {}; expected what the data has that is evaluated", data.name(), quote(spec.input));
  const std::size_t input = field_named(fields, spec.input, "baseline"),
                    text = field_named(fields, spec.field, "baseline");
  const bool pixels = fields[input]->request().image.has_value();
  Gallery gallery;
  const auto source = data.open(requests_of(fields), {});
  Cell before;
  while (source->next()) {
    const Cell& cell = (*source)[input];
    const auto& caption = std::get<std::string>((*source)[text]);
    gallery.records.push_back({cell, caption});
    if (cell == before) continue;
    before = cell;
    const std::vector<float> vector = vector_of(std::get<Numbers>(cell), pixels);
    if (gallery.width == 0) gallery.width = vector.size();
    if (vector.size() != gallery.width) {
      source->fail(fmt::format("expected {} numbers, as the others have, got {}", gallery.width, vector.size()));
    }
    gallery.vectors.insert(gallery.vectors.end(), vector.begin(), vector.end());
    gallery.captions.push_back(caption);
  }
  if (gallery.captions.empty()) fail_without_records(fields, data);
  return gallery;
}

}  // namespace

nlohmann::ordered_json nearest_caption_scores(const TaskOptions& options, const RecordData& known,
                                              const RecordData& asked) {
  const Fields fields = blank_fields(options, asked);
  DecoderSpec spec;
  for (const InputKind kind : {InputKind::numbers, InputKind::pictures}) {
    const Recipe recipe = options.make_recipe(kind);
    const auto* decoder = std::get_if<DecoderSpec>(&recipe.head);
    if (decoder == nullptr || decoder->input.empty()) {
      fail("--baseline: only a model that writes about pictures has a use for it; this one's task is {}",
           options.task());
    }
    if (std::ranges::find(fields, decoder->input, [](const auto& field) { return field->name(); }) != fields.end()) {
      spec = *decoder;
    }
  }
  const Gallery examples = read_gallery(options, spec, known), pictures = read_gallery(options, spec, asked);
  if (examples.width != pictures.width) {
    fail("--baseline: {} has vectors of {} numbers, {} of {}; expected as many", known.name(), examples.width,
         asked.name(), pictures.width);
  }
  const std::vector<std::string> nearest = nearest_captions(examples.matrix(), examples.captions, pictures.matrix());
  OutputGroups groups;
  std::size_t picture = 0;
  for (std::size_t i = 0; i < pictures.records.size(); ++i) {
    if (i > 0 && !(pictures.records[i].input == pictures.records[i - 1].input)) ++picture;
    groups.add(pictures.records[i].input, pictures.records[i].text, nearest[picture]);
  }
  const CaptionScores scores(groups.all());
  const Bleu bleu = scores.bleu();
  return {{"bleu_1", bleu.score(1)},
          {"bleu_4", bleu.score(4)},
          {"cider", or_null(scores.pictures() > 1, scores.pictures() > 1 ? scores.cider() : 0)}};
}

}  // namespace recur
