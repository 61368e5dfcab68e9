// The windows of a batch of long records: as many steps of each, one window after the other, for truncated
// backpropagation through time.
#pragma once

#include "data/batch.h"

namespace recur {

class BatchWindows {
 public:
  // `whole` must outlive it. A window has at most `unroll` steps.
  BatchWindows(const Batch& whole, std::size_t unroll);

  std::size_t count() const { return count_of(length(), unroll_); }
  // Moves to window i: the records that last so long, which are the first ones of the batch, and of each those of its
  // steps. Fields that are no sequences have what they have in the whole batch.
  void seek(std::size_t i);
  const Batch& batch() const { return window_; }

  // How many windows a batch has whose longest record has so many steps.
  static std::size_t count_of(std::size_t steps, std::size_t unroll) { return (steps + unroll - 1) / unroll; }

 private:
  std::size_t length() const { return steps_->length(); }
  void cut(const FieldBatch& whole, std::size_t first, std::size_t last, FieldBatch& to) const;

  const Batch& whole_;
  const Steps* steps_;  // of the sequences
  std::size_t unroll_;
  Batch window_;
};

}  // namespace recur
