#include <algorithm>
#include <numeric>

#include "autograd/glimpse.h"
#include "kernels/latent.h"
#include "nn/heads/next_step_heads.h"

namespace recur {

NextNotesHead::NextNotesHead(const NextNotesSpec& spec, const HeadPlace& place)
    : NextStepHead(field_as<NotesField>(place.fields, spec.field, "next notes"), kKeys, place) {}

LossSum NextNotesHead::loss(const Run& run, const Encoding& encoded, const Batch& batch) const {
  const Var logits = outputs(run, encoded);
  const std::size_t steps = run.tape.value(logits).rows;
  const Var notes = run.tape.add(steps, kKeys);
  std::ranges::copy(wanted(batch, steps), run.tape.value(notes).data);
  const std::span<double> nats = run.tape.arena().take<double>(steps);
  std::ranges::fill(nats, 0);
  bernoulli_loss(run.tape, logits, notes, gradient_scale(batch, steps), nats);
  return {std::accumulate(nats.begin(), nats.end(), 0.0), steps};
}

void NextNotesHead::predict(const Run& run, const Encoding& encoded, const Batch& batch,
                            const PredictOptions& /*options*/, std::span<Prediction> predictions) const {
  const Matrix logits = finite_outputs(run, encoded);
  const std::span<const float> notes = wanted(batch, logits.rows);
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
