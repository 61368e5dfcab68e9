// Trains a task's network on records, in batches of similar length.
#pragma once

#include "data/length_batches.h"
#include "tasks/task_network.h"

namespace recur {

class RecordsTask : public Task {
 public:
  // All must outlive it.
  RecordsTask(TaskNetwork& network, const Records& training, Records& validation, const BatchLimits& limits,
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
  TaskNetwork& network_;
  const Records& training_;
  Records& validation_;
  LengthBatches batches_;
  Random random_;
  std::uint64_t next_ = 0;
  Tape tape_;
};

}  // namespace recur
