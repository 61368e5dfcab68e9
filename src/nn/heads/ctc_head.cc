#include <fmt/format.h>

#include "autograd/ctc.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/show.h"
#include "kernels/ctc.h"
#include "kernels/softmax.h"
#include "nn/ctc_search.h"
#include "nn/heads/heads.h"
#include "nn/heads/text_prediction.h"

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
  const CtcLoss loss =
      ctc_loss(run.tape, output_(run, encoded.stack.output), targets_of(run, batch, field_),
               static_cast<int>(text_.vocabulary()), *encoded.steps, gradient_scale(batch, batch.size()));
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
  const std::vector<int> never = text_.codec().specials();
  const auto search = [&](ConstMatrix own) { return CtcSearch{own, static_cast<int>(text_.vocabulary()), never}; };
  predict_texts(
      *encoded.steps, scores, text_.codec(), options, predictions,
      [&](Matrix own) -> std::vector<ScoredText> {
        for (std::size_t t = 0; t < own.rows; ++t) log_softmax({own.data + t * own.stride, own.columns});
        if (is_greedy(options)) return {ctc_best_path(search(own))};
        return ctc_beam(search(own), options.decode.beam, options.decode.n_best, options.scorer);
      },
      [&](ConstMatrix own, std::span<const int> tokens) { return ctc_places(search(own), tokens); });
}

std::vector<std::pair<std::string, std::string>> CtcHead::describe() const { return {{"output", text_.describe()}}; }

}  // namespace recur
