// Trains a network on records, in batches of similar length.
#pragma once

#include "data/length_batches.h"
#include "tasks/network.h"
#include "tasks/task.h"

namespace recur {

class RecordsTask : public Task {
 public:
  // All must outlive it.
  RecordsTask(Network& network, const Records& training, const Records& validation, const BatchLimits& limits,
              std::uint64_t seed);

  Parameters& parameters() override { return network_.parameters(); }
  std::uint64_t batches_per_epoch() const override { return batches_.count(); }
  void begin_epoch(std::uint64_t epoch) override { seek(epoch, 0); }
  LossSum train_batch(std::uint64_t step) override;
  std::size_t frozen() const override { return network_.frozen(); }
  Validation validate(const Enough& enough) override;
  void seek(std::uint64_t epoch, std::uint64_t batch) override;
  std::span<float> carried_state() override { return {}; }

 private:
  Network& network_;
  const Records &training_, &validation_;
  LengthBatches batches_;
  std::uint64_t seed_, next_ = 0;
  Tape tape_;
  Batch batch_;  // as long as the tape's contents
};

}  // namespace recur
