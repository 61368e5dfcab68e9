#include <algorithm>
#include <numeric>

#include "autograd/glimpse.h"
#include "base/error.h"
#include "base/finite.h"
#include "kernels/latent.h"
#include "nn/heads/heads.h"

namespace recur {

NextNotesHead::NextNotesHead(const NextNotesSpec& spec, const HeadPlace& place)
    : field_(field_named(place.fields, spec.field, "next notes")),
      output_(kKeys, place.layers.output_width(), place.parameters) {
  field_as<NotesField>(place.fields, spec.field, "next notes");
  if (place.layers.directions() == 2) {
    fail("--bidirectional: what is to be predicted is what would be read; leave it out");
  }
}

LossSum NextNotesHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const std::span<const float> notes = batch.fields[field_].numbers;
  const Var logits = output_(run, encoded.stack.output);
  const std::size_t steps = run.tape.value(logits).rows;
  if (notes.size() != steps * kKeys) {
    fail("next notes: expected {} steps, as many as are read, got {}", steps, notes.size() / kKeys);
  }
  const Var wanted = run.tape.add(steps, kKeys);
  std::ranges::copy(notes, run.tape.value(wanted).data);
  const std::span<double> nats = run.tape.arena().take<double>(steps);
  std::ranges::fill(nats, 0);
  bernoulli_loss(run.tape, logits, wanted, gradient_scale(batch, steps), nats);
  return {std::accumulate(nats.begin(), nats.end(), 0.0), steps};
}

void NextNotesHead::predict(const Run& run, const Encoding& encoded, const Batch& batch,
                            const PredictOptions& /*options*/, std::span<Prediction> predictions) const {
  const std::span<const float> notes = batch.fields[field_].numbers;
  const Matrix logits = run.tape.value(output_(run, encoded.stack.output));
  check_results({logits.data, logits.rows * logits.stride}, "an output");
  const Steps& steps = *encoded.steps;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    NotesPrediction piece;
    for (std::size_t t = 0; t < steps.length_of(i); ++t) {
      const std::size_t row = steps.offset(t) + i;
      const float* const step = logits.data + row * logits.stride;
      piece.nats += recur::bernoulli_loss(kKeys, step, notes.data() + row * kKeys);
      std::vector<int>& sounds = piece.steps.emplace_back();
      for (std::size_t key = 0; key < kKeys; ++key) {
        if (step[key] > 0) sounds.push_back(static_cast<int>(kFirstKey + key));
      }
    }
    predictions[i] = std::move(piece);
  }
}

}  // namespace recur
