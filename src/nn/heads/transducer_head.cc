#include "nn/heads/transducer_head.h"

#include "base/finite.h"
#include "nn/heads/text_prediction.h"
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

LossSum TransducerHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const double nats = transducer_.loss(run, encoded.stack.output, *encoded.steps, targets_of(run, batch, field_),
                                       gradient_scale(batch, batch.size()));
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
  const std::vector<int> never = text_.codec().specials();
  const auto search = [&](ConstMatrix own) { return TransducerSearch{stepper, own, never}; };
  predict_texts(
      *encoded.steps, said, text_.codec(), options, predictions,
      [&](Matrix own) -> std::vector<ScoredText> {
        if (is_greedy(options)) return {transducer_greedy(search(own))};
        return transducer_beam(search(own), options.decode.beam, options.decode.n_best, options.scorer);
      },
      [&](ConstMatrix own, std::span<const int> tokens) { return transducer_places(search(own), tokens); });
}

std::vector<std::pair<std::string, const RecurrentStack*>> TransducerHead::stacks() const {
  return {{"prediction", &transducer_.layers()}};
}

std::vector<std::pair<std::string, std::string>> TransducerHead::describe() const {
  return {{"output", describe_tokens(text_.describe(), embedding_)}, {"joint", std::to_string(transducer_.joint())}};
}

}  // namespace recur
