#include "nn/heads/text_prediction.h"

#include <algorithm>
#include <cmath>

#include "base/finite.h"
#include "base/threads.h"
#include "nn/heads/spoken_words.h"

namespace recur {
namespace {

// What was said of a sequence's steps, one after the other: [steps, columns].
std::vector<float> steps_of(const Steps& steps, ConstMatrix said, std::size_t row) {
  std::vector<float> own(steps.length_of(row) * said.columns);
  for (std::size_t t = 0; t < steps.length_of(row); ++t) {
    std::copy_n(said.data + (steps.offset(t) + row) * said.stride, said.columns, own.data() + t * said.columns);
  }
  return own;
}

}  // namespace

std::span<const std::span<const int>> targets_of(const Run& run, const Batch& batch, std::size_t field) {
  const Column& column = *batch.fields[field].column;
  const std::span<std::span<const int>> targets = run.tape.arena().take<std::span<const int>>(batch.size());
  for (std::size_t row = 0; row < batch.size(); ++row) targets[row] = column.ids[batch.records[row]];
  return targets;
}

void predict_texts(const Steps& steps, ConstMatrix said, const TextCodec& codec, const PredictOptions& options,
                   std::span<Prediction> predictions, const TextSearch& search, const TextPlaces& places) {
  const auto predict_row = [&](std::size_t row) {
    std::vector<float> values = steps_of(steps, said, row);
    const Matrix own{values.data(), steps.length_of(row), said.columns, said.columns};
    const std::vector<ScoredText> texts = search(own);
    TextPrediction& prediction = predictions[row].emplace<TextPrediction>();
    for (const ScoredText& text : texts) prediction.outputs.push_back({codec.decode(text.tokens), text.score, true});
    if (texts.empty()) prediction.outputs.emplace_back();  // no word of a lexicon was near
    // Tokens stand nowhere where scores are no numbers, which is an error once all rows are through: threads throw
    // none.
    if (options.alignments && !texts.empty() && std::isfinite(texts.front().score)) {
      const std::vector<int>& tokens = texts.front().tokens;
      prediction.words = spoken_words(tokens, places(own, tokens), codec);
    }
  };
  if (options.scorer == nullptr) {
    parallel_attempts(predictions.size(), predict_row);
  } else {
    for (std::size_t row = 0; row < predictions.size(); ++row) predict_row(row);  // a scorer knows one at a time
  }
  for (const Prediction& prediction : predictions) {
    for (const Output& output : std::get<TextPrediction>(prediction).outputs) {
      check_result(output.score, "the score of a text");
    }
  }
}

}  // namespace recur
