#include "tasks/records_task.h"

#include <algorithm>

namespace recur {

RecordsTask::RecordsTask(TaskNetwork& network, const Records& training, Records& validation, const BatchLimits& limits,
                         std::uint64_t seed)
    : network_(network),
      training_(training),
      validation_(validation),
      batches_(training.lengths, training.other_lengths, limits, seed),
      random_(seed, RandomPurpose::dropout) {}

void RecordsTask::seek(std::uint64_t epoch, std::uint64_t batch) {
  batches_.begin_epoch(epoch);
  network_.begin_epoch(epoch);
  next_ = batch;
}

LossSum RecordsTask::train_batch(std::uint64_t step) {
  tape_.rewind();
  const LossSum loss = network_.loss(tape_, training_, batches_[next_++], {random_, step});
  tape_.backward();
  return loss;
}

Validation RecordsTask::validate(const Enough& enough) {
  double share = 1;
  if (enough) {
    validation_.enough = [&](double done) {
      const bool stop = enough();
      if (stop) share = std::min(share, done);
      return stop;
    };
  }
  const RecordsScore score = network_.validate_on(validation_);
  validation_.enough = nullptr;
  return {score.loss, score.measure, share};
}

}  // namespace recur
