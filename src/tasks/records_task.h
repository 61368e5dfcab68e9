// Trains a network on records, in batches of similar length: whole, or in windows of so many steps, the state carried
// from one window of a batch to the next. Of records that have several versions the first ones make the batches, and
// one of each is drawn for each epoch.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "data/batch_windows.h"
#include "data/length_batches.h"
#include "recur/types/training.h"
#include "tasks/network.h"
#include "tasks/task.h"

namespace recur {

class RecordsTask : public Task {
 public:
  // All must outlive it.
  RecordsTask(Network& network, const Records& training, const Records& validation, const BatchLimits& limits,
              const TrainingOptions& options);

  // The records of each epoch come from here: as many batches as the first ones make, or seek() throws Error.
  using Draw = std::function<std::unique_ptr<Records>(std::uint64_t epoch)>;
  void draw_with(Draw draw) { draw_ = std::move(draw); }

  Parameters& parameters() override { return network_.parameters(); }
  std::uint64_t batches_per_epoch() const override { return windows_; }
  void begin_epoch(std::uint64_t epoch) override { seek(epoch, 0); }
  LossSum train_batch(std::uint64_t step) override;
  std::span<const TrainedRange> trained() const override { return network_.trained(); }
  Validation validate(const Enough& enough) override;
  void seek(std::uint64_t epoch, std::uint64_t batch) override;
  std::span<float> carried_state() override;
  void check_carried_state() override;

 private:
  void draw(std::uint64_t epoch);
  LengthBatches batches_of(const Records& records) const;
  std::span<const std::size_t> batch_records();
  std::size_t windows_of(std::size_t batch) const;
  std::size_t count_windows() const;
  void begin_batch();
  LossSum train_window(const Run& run);
  void end_window();

  Network& network_;
  const Records* training_;
  const Records& validation_;
  BatchLimits limits_;
  std::uint64_t seed_;
  std::size_t unroll_;  // 0: whole records
  LengthBatches batches_;
  std::size_t windows_;                     // of an epoch; of whole records a batch is one
  std::size_t count_;                       // records of an epoch
  std::size_t next_ = 0, next_window_ = 0;  // the batch, and the window within it
  Draw draw_;
  std::uint64_t epoch_ = 0;
  std::unique_ptr<Records> drawn_;  // null for those of the first epoch
  Tape tape_;
  Batch batch_;                              // as long as the tape's contents
  std::vector<std::size_t> drawn_versions_;  // that are in it, of records that have several
  // Of windows.
  std::optional<BatchWindows> cuts_;
  std::optional<StackState> state_;    // of the sequences that still last
  std::optional<StackState> carried_;  // of as many sequences as a batch may have, for checkpoints
};

}  // namespace recur
