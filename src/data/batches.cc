#include "data/batches.h"

#include <algorithm>
#include <cassert>

#include "base/error.h"

namespace recur {

StreamBatches::StreamBatches(const Corpus& corpus, std::uint64_t first, std::uint64_t last, std::size_t batch,
                             std::size_t unroll)
    : first_(first), batch_(batch), unroll_(unroll) {
  assert(first <= last && last <= corpus.size());
  if (batch == 0) fail("--batch: expected at least 1, got 0");
  if (unroll == 0) fail("--unroll: expected at least 1, got 0");
  stream_length_ = (last - first) / batch;
  if (stream_length_ < 2 && corpus.unseen() > 0) {
    fail("{}: the model knows {} of its tokens, and {} it does not; expected at least {} that it knows", corpus.name(),
         last - first, corpus.unseen(), 2 * batch);
  }
  if (stream_length_ < 2 && batch == 1) {
    fail("{}: expected at least 2 tokens, one to predict from the other, got {}; give more text", corpus.name(),
         last - first);
  }
  if (stream_length_ < 2) {
    fail("{}: expected at least {} tokens (2 for each of {} streams), got {}; lower --batch or give more text",
         corpus.name(), 2 * batch, batch, last - first);
  }
  readers_.reserve(batch);
  for (std::size_t b = 0; b < batch; ++b) readers_.push_back(corpus.reader(first + b * stream_length_));
  last_read_.resize(batch);
  stream_targets_.resize(unroll);
  rewind();
}

std::size_t StreamBatches::windows() const {
  return static_cast<std::size_t>((stream_length_ - 1 + unroll_ - 1) / unroll_);
}

bool StreamBatches::next(std::span<int> inputs, std::span<int> targets, std::size_t& steps) {
  assert(inputs.size() >= unroll_ * batch_ && targets.size() >= unroll_ * batch_);
  steps = 0;
  if (position_ == windows()) return false;
  const std::uint64_t left = stream_length_ - 1 - position_ * unroll_;
  steps = static_cast<std::size_t>(std::min<std::uint64_t>(unroll_, left));
  const std::span<int> stream_targets = std::span(stream_targets_).first(steps);
  for (std::size_t b = 0; b < batch_; ++b) {
    readers_[b].next(stream_targets);
    int input = last_read_[b];
    for (std::size_t t = 0; t < steps; ++t) {
      inputs[t * batch_ + b] = input;
      input = targets[t * batch_ + b] = stream_targets[t];
    }
    last_read_[b] = input;
  }
  ++position_;
  return true;
}

void StreamBatches::seek(std::size_t window) {
  assert(window <= windows());
  position_ = window;
  if (window == windows()) return;
  for (std::size_t b = 0; b < batch_; ++b) {
    readers_[b].seek(first_ + b * stream_length_ + window * unroll_);
    readers_[b].next(std::span(last_read_).subspan(b, 1));
  }
}

}  // namespace recur
