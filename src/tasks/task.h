// What the training loop asks of a task.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "measures/measures.h"
#include "nn/loss_sum.h"
#include "nn/parameters.h"

namespace recur {

struct Validation {
  LossSum loss;
  std::optional<Measure> measure;  // decides which model is the best; without one the loss does
  double share = 1;                // of the validation data, that this is over
};

// Asked between batches: whether to leave the rest out.
using Enough = std::function<bool()>;

class Task {
 public:
  virtual ~Task() = default;

  virtual Parameters& parameters() = 0;

  // Training goes over the data in epochs of this many batches.
  virtual std::uint64_t batches_per_epoch() const = 0;
  // Before the first batch of each epoch.
  virtual void begin_epoch(std::uint64_t epoch) = 0;
  // The loss of the next batch; adds its gradient to the parameters' gradients. `step` counts from the start of
  // training.
  virtual LossSum train_batch(std::uint64_t step) = 0;
  // Which parameters are trained in this epoch, each range at its factor of the learning rate, in order; empty: all.
  virtual std::span<const TrainedRange> trained() const { return {}; }
  // Over the validation data; over the batches before `enough`, at least one, where it is given and says so.
  virtual Validation validate(const Enough& enough) = 0;

  // For resuming: goes on at a batch of an epoch, and what is carried from batch to batch.
  virtual void seek(std::uint64_t epoch, std::uint64_t batch) = 0;
  virtual std::span<float> carried_state() = 0;
  // Throws Error if what was put there cannot have been carried.
  virtual void check_carried_state() {}
};

}  // namespace recur
