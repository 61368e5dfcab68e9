// Trains a language model of one endless text with truncated backpropagation through time: batches of so many streams
// in windows of `unroll` steps, state carried from window to window. The gradient is that of the loss summed over the
// window's steps and averaged over the streams, as in char-rnn and Zaremba et al. 2014, so that their learning rates
// and clipping limits carry over.
#pragma once

#include "data/batches.h"
#include "tasks/network.h"
#include "tasks/task.h"

namespace recur {

// Part of a corpus: tokens [first, last).
struct CorpusRange {
  const Corpus* corpus = nullptr;
  std::uint64_t first = 0, last = 0;

  std::uint64_t size() const { return last - first; }
};

// The windows of some streams, each a batch of one field.
class Windows {
 public:
  Windows(const CorpusRange& range, std::size_t streams, std::size_t unroll);

  // The next window; false at the end. The batch is valid until the next call. Allocates nothing once a short window
  // has been seen.
  bool next();
  const Batch& batch() const { return batch_; }
  Batch& batch() { return batch_; }
  StreamBatches& streams() { return streams_; }
  const StreamBatches& streams() const { return streams_; }

 private:
  std::size_t unroll_, count_;
  StreamBatches streams_;
  Batch batch_;
};

class WindowsTask : public Task {
 public:
  // All must outlive it.
  WindowsTask(Network& network, const CorpusRange& training, const CorpusRange& validation, std::size_t batch,
              std::size_t unroll, std::uint64_t seed);

  Parameters& parameters() override { return network_.parameters(); }
  std::uint64_t batches_per_epoch() const override { return training_.streams().windows(); }
  void begin_epoch(std::uint64_t epoch) override;
  LossSum train_batch(std::uint64_t step) override;
  Validation validate(const Enough& enough) override;
  std::span<const TrainedRange> trained() const override { return network_.trained(); }
  void seek(std::uint64_t epoch, std::uint64_t batch) override;
  std::span<float> carried_state() override { return state_.all(); }
  void check_carried_state() override { network_.layers().check_state(state_); }

 private:
  Network& network_;
  std::uint64_t seed_;
  Windows training_, validation_;
  std::size_t validation_streams_;
  StackState state_;
  Tape tape_;
};

}  // namespace recur
