#include <fmt/format.h>

#include "base/error.h"
#include "base/finite.h"
#include "data/endless_text_field.h"
#include "nn/heads/heads.h"

namespace recur {
namespace {

std::optional<int> unknown_of(const Field& text) {
  const auto* endless = dynamic_cast<const EndlessTextField*>(&text);
  return endless != nullptr ? endless->tokenizer().unknown() : dynamic_cast<const TextField&>(text).codec().unknown();
}

std::string spelling_of(const Field& text, int token) {
  const auto* endless = dynamic_cast<const EndlessTextField*>(&text);
  return endless != nullptr ? endless->tokenizer().vocabulary().token(token)
                            : dynamic_cast<const TextField&>(text).codec().spelling(token);
}

}  // namespace

NextTokenHead::NextTokenHead(const NextTokenSpec& spec, const HeadPlace& place)
    : field_(field_named(place.fields, spec.field, "next token")), text_(*place.fields[field_]) {
  const std::size_t vocabulary = text_.vocabulary();
  const std::size_t width = place.layers.output_width();
  if (place.layers.directions() == 2) {
    fail("a language model cannot run backwards too: it would see what it is to predict");
  }
  if (spec.softmax == Softmax::adaptive) fail("--softmax: a language model knows full and sampled, not adaptive");
  const std::size_t embedding =
      place.table ? static_cast<std::size_t>(place.parameters.declarations()[*place.table].shape[1]) : 0;
  if (spec.tied && embedding != width) {
    fail("--tied needs an embedding as wide as the output: --embedding {} (it is {})", width, embedding);
  }
  output_.emplace(OutputOptions{spec.softmax, {}, spec.samples}, width, vocabulary, place.parameters, "output.",
                  spec.tied ? place.table : std::nullopt);
  output_->name_rows(place.parameters, spec.field);
}

LossSum NextTokenHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::span<const int> targets = batch.fields[field_].targets;
  return {output_->loss(run, encoded.stack.output, targets, {gradient_scale(batch, targets.size())}), targets.size()};
}

void NextTokenHead::predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
                            std::span<Prediction> predictions) const {
  constexpr std::size_t kMostScores = std::size_t{1} << 22;  // in memory at once
  const std::size_t most = std::max<std::size_t>(1, kMostScores / output_->vocabulary());
  const Matrix x = run.tape.value(encoded.stack.output);
  const std::span<const int> targets = batch.fields[field_].targets;
  const std::optional<int> unknown = unknown_of(text_);
  std::vector<TextScore> scores(predictions.size());
  std::size_t t = 0;
  Tape slice(false);
  for (std::size_t first = 0; first < x.rows; first += most) {
    slice.rewind();
    const Var rows = slice.add(x.data + first * x.stride, std::min(most, x.rows - first), x.columns);
    const Matrix logs = slice.value(output_->log_probabilities({slice, run.parameters, run.noise}, rows));
    for (std::size_t i = 0; i < logs.rows; ++i) {
      const std::size_t row = first + i;
      while (row - encoded.steps->offset(t) >= encoded.steps->rows(t)) ++t;
      TextScore& score = scores[row - encoded.steps->offset(t)];
      const int target = targets[row];
      const double nats = -static_cast<double>(logs.data[i * logs.stride + static_cast<std::size_t>(target)]);
      score.nats += nats;
      ++score.tokens;
      if (target == unknown) ++score.unknown;
      if (options.tokens) score.of.push_back({spelling_of(text_, target), nats});
    }
  }
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    check_result(scores[i].nats, "the loss of a text");
    predictions[i] = std::move(scores[i]);
  }
}

}  // namespace recur
