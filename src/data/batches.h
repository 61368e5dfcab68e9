// Batches for truncated backpropagation through time (Zaremba et al. 2014, char-rnn).
//
// The tokens [first, last) of a corpus are cut into `batch` contiguous streams of equal length
// n = floor((last - first) / batch); a remainder at the end is left out. All streams advance together in windows of
// `unroll` steps: the state after one window is the state before the next. The target of a step is the next token of
// its stream, so an epoch has n - 1 steps, and its last window may be shorter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/corpus.h"

namespace recur {

class StreamBatches {
 public:
  // first <= last <= corpus.size(); the corpus must outlive this. Throws Error if batch or unroll is 0, or if there
  // are fewer than two tokens for each stream.
  StreamBatches(const Corpus& corpus, std::uint64_t first, std::uint64_t last, std::size_t batch, std::size_t unroll);

  // In one epoch.
  std::size_t windows() const;
  // Tokens predicted in one epoch: batch * (n - 1).
  std::uint64_t targets() const { return batch_ * (stream_length_ - 1); }

  // The next window: step t of stream b is at t * batch + b, of inputs and of targets alike; steps <= unroll tells how
  // many steps the window has. Both spans hold at least unroll * batch. False at the end of the epoch. Allocates
  // nothing.
  bool next(std::span<int> inputs, std::span<int> targets, std::size_t& steps);

  // The window that next() yields, in [0, windows()].
  std::size_t position() const { return position_; }
  // Goes to a window in [0, windows()]: what follows is what would have followed without a break.
  void seek(std::size_t window);
  void rewind() { seek(0); }

 private:
  std::uint64_t first_;
  std::size_t batch_, unroll_;
  std::uint64_t stream_length_;
  std::size_t position_ = 0;
  std::vector<Corpus::Reader> readers_;  // [batch]
  std::vector<int> last_read_;           // [batch]: the input of the next step
  std::vector<int> stream_targets_;      // [unroll], of one stream
};

}  // namespace recur
