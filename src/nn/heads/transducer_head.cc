#include "nn/heads/transducer_head.h"

#include "base/error.h"
#include "base/finite.h"
#include "base/threads.h"
#include "nn/heads/spoken_words.h"
#include "nn/inputs/inputs.h"
#include "nn/transducer_search.h"

namespace recur {
namespace {

TransducerSpec one_direction(TransducerSpec spec) {
  spec.network.bidirectional = false;
  return spec;
}

}  // namespace

TransducerHead::TransducerHead(const TransducerSpec& spec, const HeadPlace& place)
    : field_(field_named(place.fields, spec.field, "transducer")),
      embedding_(spec.embedding),
      text_(field_as<TextField>(place.fields, spec.field, "transducer")),
      transducer_(one_direction(spec), place.layers.output_width(), text_.vocabulary(), place.parameters) {}

StepOutput TransducerHead::encoder_output() const {
  return {transducer_.encoder_weight(), transducer_.joint_bias(), transducer_.joint()};
}

std::vector<int> TransducerHead::never() const {
  const TextCodec& codec = text_.codec();
  return codec.has_specials() ? std::vector<int>{codec.begin(), codec.end()} : std::vector<int>();
}

LossSum TransducerHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const Column& column = *batch.fields[field_].column;
  const std::span<std::span<const int>> targets = run.tape.arena().take<std::span<const int>>(batch.size());
  for (std::size_t row = 0; row < batch.size(); ++row) targets[row] = column.ids[batch.records[row]];
  const double nats = transducer_.loss(run, encoded.stack.output, *encoded.steps, targets,
                                       {gradient_scale(batch, batch.size()), batch.gradient_scale});
  return {nats, batch.size()};
}

void TransducerHead::check(const PredictOptions& options) const { check_n_best(options.decode, options.decode.beam); }

std::optional<PredictOptions> TransducerHead::validation() const {
  PredictOptions greedy;
  greedy.decode.beam = 1;
  return greedy;
}

void TransducerHead::predict(const Run& run, const Encoding& encoded, const Batch& /*batch*/,
                             const PredictOptions& options, std::span<Prediction> predictions) const {
  const Matrix said = run.tape.value(transducer_.encode(run, encoded.stack.output));
  check_results({said.data, said.rows * said.stride}, "what the layers say of a step");
  const TransducerStepper stepper(transducer_, run.parameters);
  const TextCodec& codec = text_.codec();
  const std::vector<int> not_written = never();
  const auto search_row = [&](std::size_t row) {
    // Its steps one after the other.
    const std::size_t steps = encoded.steps->length_of(row);
    std::vector<float> own(steps * said.columns);
    for (std::size_t t = 0; t < steps; ++t) {
      std::copy_n(said.data + (encoded.steps->offset(t) + row) * said.stride, said.columns,
                  own.data() + t * said.columns);
    }
    const TransducerSearch search{stepper, {own.data(), steps, said.columns, said.columns}, not_written};
    const DecodeOptions& decode = options.decode;
    std::vector<ScoredText> texts;
    if (decode.beam == 1 && options.scorer == nullptr) {
      texts.push_back(transducer_greedy(search));
    } else {
      texts = transducer_beam(search, decode.beam, decode.n_best, options.scorer);
    }
    TextPrediction& prediction = predictions[row].emplace<TextPrediction>();
    for (const ScoredText& text : texts) prediction.outputs.push_back({codec.decode(text.tokens), text.score, true});
    if (texts.empty()) prediction.outputs.emplace_back();  // no word of a lexicon was near
    if (options.alignments && !texts.empty()) {
      const std::vector<int>& tokens = texts.front().tokens;
      prediction.words = spoken_words(tokens, transducer_places(search, tokens), codec);
    }
  };
  if (options.scorer == nullptr) {
    parallel_for(predictions.size(), search_row);
  } else {
    for (std::size_t row = 0; row < predictions.size(); ++row) search_row(row);  // a scorer knows one at a time
  }
  for (const Prediction& prediction : predictions) {
    for (const Output& output : std::get<TextPrediction>(prediction).outputs) {
      check_result(output.score, "the score of a text");
    }
  }
}

std::vector<std::pair<std::string, const RecurrentStack*>> TransducerHead::stacks() const {
  return {{"prediction", &transducer_.layers()}};
}

std::vector<std::pair<std::string, std::string>> TransducerHead::describe() const {
  return {{"output", describe_tokens(text_.describe(), embedding_)}, {"joint", std::to_string(transducer_.joint())}};
}

}  // namespace recur
