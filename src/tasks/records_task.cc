#include "tasks/records_task.h"

#include "tasks/evaluate.h"

namespace recur {

RecordsTask::RecordsTask(Network& network, const Records& training, const Records& validation,
                         const BatchLimits& limits, std::uint64_t seed)
    : network_(network),
      training_(training),
      validation_(validation),
      batches_(training.lengths, training.other_lengths, limits, seed),
      seed_(seed) {}

void RecordsTask::seek(std::uint64_t epoch, std::uint64_t batch) {
  batches_.begin_epoch(epoch);
  network_.begin_epoch(epoch);
  next_ = batch;
}

LossSum RecordsTask::train_batch(std::uint64_t step) {
  tape_.rewind();
  batch_ = make_batch(network_.fields(), training_, batches_[next_++]);
  const LossSum loss = network_.loss({tape_, network_.parameters(), Noise(seed_, step)}, batch_);
  tape_.backward();
  return loss;
}

Validation RecordsTask::validate(const Enough& enough) {
  const Evaluated result = evaluate(network_, validation_, network_.head().validation(), enough);
  return {result.loss, result.measures ? result.measures->decisive() : std::nullopt, result.share};
}

}  // namespace recur
