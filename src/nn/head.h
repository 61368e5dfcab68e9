// What becomes of the layers' output: a loss to be trained by, and predictions. A part of a network
// (recur/types/recipe.h has the kinds).
//
// Nothing in a head changes while it runs: any number of threads may use one.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "data/field.h"
#include "data/numbers_field.h"
#include "nn/input.h"
#include "nn/loss_sum.h"
#include "nn/recurrent_stack.h"
#include "nn/run.h"
#include "recur/types/prediction.h"
#include "recur/types/recipe.h"
#include "recur/types/tasks.h"

namespace recur {

// What a head is made with.
struct HeadPlace {
  const Fields& fields;  // must outlive it
  const RecurrentStack& layers;
  std::optional<Parameters::Id> table;  // of the input's embedding
  Parameters& parameters;
  std::size_t stacked = 1;  // so many steps of what is read are one of the layers' (FramesOptions::stack)
};

// A linear layer that makes outputs of what the layers say of a step: logits, or numbers, scaled as a field has them.
struct StepOutput {
  Parameters::Id weight, bias;  // [count, width], [count]
  std::size_t count;
  const NumbersField* numbers = nullptr;
  bool adds_input = false;  // to the outputs, before they are scaled back: what was read, as the layers have it
  float factor = 1;         // of the outputs: logits become those of a temperature
};

class Head {
 public:
  virtual ~Head() = default;

  // Learns from the records that are to be trained on, before training.
  virtual void learn(const Records& /*training*/) {}
  // Why nothing can be learned from a record; empty where it can.
  virtual std::string unlearnable(const Records& /*records*/, std::size_t /*record*/) const { return ""; }
  // What it learned, and back. read() throws Error for whatever write() cannot have written.
  virtual void write(nlohmann::json& /*configuration*/) const {}
  virtual void read(const nlohmann::json& /*configuration*/) {}
  // Before the first batch of each epoch, counted from 0.
  virtual void begin_epoch(std::uint64_t /*epoch*/) {}

  // The loss of a batch that was encoded on the same tape; on a recording tape the gradient of its mean over
  // predictions, or times the batch's gradient_scale, is ready to flow back.
  virtual LossSum loss(const Run& run, const Encoding& encoded, const Batch& batch) const = 0;
  // A prediction for each record of a batch, in its order; nothing is recorded. Throws Error where they are not finite.
  virtual void predict(const Run& run, const Encoding& encoded, const Batch& batch, const PredictOptions& options,
                       std::span<Prediction> predictions) const = 0;
  // Of a head that forecasts: -log density of the first step ahead of each record, in nats. Throws Error where none is
  // forecast.
  virtual void surprise(const Run& run, const Encoding& encoded, const Batch& batch, std::span<double> nats) const;
  // Throws Error naming the flag of an option that makes no sense here.
  virtual void check(const PredictOptions& /*options*/) const {}
  // How predictions are made that validation measures; nothing where it goes by the loss alone.
  virtual std::optional<PredictOptions> validation() const { return PredictOptions(); }
  // Whether it wants an output for each step of the input.
  virtual bool one_a_step() const { return false; }
  // Whether it looks at the layers' last states (Encoding).
  virtual bool needs_last_states() const { return false; }
  // How it makes its answer at a step of the layers' output there; nothing where it needs more than that.
  virtual std::optional<StepOutput> step_output() const { return {}; }
  // Batches have at most so many records where predictions take memory of their own.
  virtual std::size_t most_records(const PredictOptions& /*options*/) const { return static_cast<std::size_t>(-1); }

  // Layers of its own, by name.
  virtual std::vector<std::pair<std::string, const RecurrentStack*>> stacks() const { return {}; }
  // For people: a word or two and what there is to say of it.
  virtual std::vector<std::pair<std::string, std::string>> describe() const = 0;
};

// Declares its parameters. Throws Error naming the flag of an option that makes no sense.
std::unique_ptr<Head> make_head(const HeadSpec& spec, const HeadPlace& place);

// Throws Error where more outputs are asked for than are followed.
void check_n_best(const DecodeOptions& options, std::size_t beam);

// The gradient's scale of a loss summed over predictions.
inline float gradient_scale(const Batch& batch, std::size_t predictions) {
  return batch.gradient_scale > 0 ? batch.gradient_scale : 1 / static_cast<float>(predictions);
}

}  // namespace recur
