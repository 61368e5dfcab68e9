#include <fmt/format.h>

#include <algorithm>

#include "autograd/ctc.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/show.h"
#include "base/threads.h"
#include "kernels/ctc.h"
#include "kernels/softmax.h"
#include "nn/ctc_search.h"
#include "nn/heads/heads.h"
#include "nn/heads/spoken_words.h"

namespace recur {

CtcHead::CtcHead(const CtcSpec& spec, const HeadPlace& place)
    : field_(field_named(place.fields, spec.field, "ctc")),
      text_(field_as<TextField>(place.fields, spec.field, "ctc")),
      layers_(place.layers),
      stacked_(place.stacked),
      output_(text_.vocabulary() + 1, place.layers.output_width(), place.parameters) {
  output_.name_rows(place.parameters, spec.field);
}

std::string CtcHead::unlearnable(const Records& records, std::size_t record) const {
  const std::span<const int> ids = records.columns[field_].ids[record];
  const std::size_t steps = layers_.output_steps((records.lengths[record] + stacked_ - 1) / stacked_),
                    needed = ctc_frames(ids);
  if (needed <= steps) return "";
  return fmt::format("{} takes {} steps, one a token and one between two that are the same, and has {}",
                     quote(text_.codec().decode(ids)), needed, steps);
}

LossSum CtcHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const Column& column = *batch.fields[field_].column;
  const std::span<std::span<const int>> targets = run.tape.arena().take<std::span<const int>>(batch.size());
  for (std::size_t row = 0; row < batch.size(); ++row) targets[row] = column.ids[batch.records[row]];
  const CtcLoss loss =
      ctc_loss(run.tape, output_(run, encoded.stack.output), targets, static_cast<int>(text_.vocabulary()),
               *encoded.steps, gradient_scale(batch, batch.size()));
  return {loss.nats, loss.targets};
}

void CtcHead::check(const PredictOptions& options) const { check_n_best(options.decode, options.decode.beam); }

std::optional<PredictOptions> CtcHead::validation() const {
  PredictOptions best_path;
  best_path.decode.beam = 1;
  return best_path;
}

void CtcHead::predict(const Run& run, const Encoding& encoded, const Batch& /*batch*/, const PredictOptions& options,
                      std::span<Prediction> predictions) const {
  const Matrix scores = run.tape.value(output_(run, encoded.stack.output));
  check_results({scores.data, scores.rows * scores.stride}, "the score of a token");
  const TextCodec& codec = text_.codec();
  std::vector<int> never;
  if (codec.has_specials()) never = {codec.begin(), codec.end()};
  const auto search_row = [&](std::size_t row) {
    // Its steps one after the other.
    const std::size_t steps = encoded.steps->length_of(row);
    std::vector<float> own(steps * scores.columns);
    for (std::size_t t = 0; t < steps; ++t) {
      const std::span<float> to(own.data() + t * scores.columns, scores.columns);
      std::copy_n(scores.data + (encoded.steps->offset(t) + row) * scores.stride, scores.columns, to.data());
      log_softmax(to);
    }
    const CtcSearch search{
        {own.data(), steps, scores.columns, scores.columns}, static_cast<int>(text_.vocabulary()), never};
    const DecodeOptions& decode = options.decode;
    std::vector<ScoredText> texts;
    if (decode.beam == 1 && options.scorer == nullptr) {
      texts.push_back(ctc_best_path(search));
    } else {
      texts = ctc_beam(search, decode.beam, decode.n_best, options.scorer);
    }
    TextPrediction& prediction = predictions[row].emplace<TextPrediction>();
    for (const ScoredText& text : texts) prediction.outputs.push_back({codec.decode(text.tokens), text.score, true});
    if (texts.empty()) prediction.outputs.emplace_back();  // no word of a lexicon was near
    if (options.alignments && !texts.empty()) {
      const std::vector<int>& tokens = texts.front().tokens;
      prediction.words = spoken_words(tokens, ctc_places(search, tokens), codec);
    }
  };
  if (options.scorer == nullptr) return parallel_for(predictions.size(), search_row);
  for (std::size_t row = 0; row < predictions.size(); ++row) search_row(row);  // a scorer knows one sequence at a time
}

std::vector<std::pair<std::string, std::string>> CtcHead::describe() const { return {{"output", text_.describe()}}; }

}  // namespace recur
