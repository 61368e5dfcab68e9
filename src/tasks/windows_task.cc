#include "tasks/windows_task.h"

#include <algorithm>

#include "base/error.h"

namespace recur {
namespace {

// As many streams for validation as for training, or fewer when the text is short.
std::size_t validation_streams(const CorpusRange& range, std::size_t batch) {
  return static_cast<std::size_t>(std::clamp<std::uint64_t>((range.last - range.first) / 2, 1, batch));
}

}  // namespace

Windows::Windows(const CorpusRange& range, std::size_t streams, std::size_t unroll)
    : unroll_(unroll), count_(streams), streams_(*range.corpus, range.first, range.last, streams, unroll) {
  batch_.fields.resize(1);
}

bool Windows::next() {
  FieldBatch& window = batch_.fields.front();
  window.ids.resize(count_ * unroll_);
  window.targets.resize(count_ * unroll_);
  std::size_t length = 0;
  if (!streams_.next(window.ids, window.targets, length)) return false;
  window.ids.resize(count_ * length);
  window.targets.resize(count_ * length);
  if (window.steps.length() != length) window.steps = Steps::rectangle(count_, length);
  return true;
}

WindowsTask::WindowsTask(Network& network, const CorpusRange& training, const CorpusRange& validation,
                         std::size_t batch, std::size_t unroll, std::uint64_t seed)
    : network_(network),
      seed_(seed),
      training_(training, batch, unroll),
      validation_(validation, validation_streams(validation, batch), unroll),
      validation_streams_(validation_streams(validation, batch)),
      state_(network.layers().state_layout(), batch) {
  training_.batch().gradient_scale = 1 / static_cast<float>(batch);
}

void WindowsTask::begin_epoch(std::uint64_t epoch) {
  network_.begin_epoch(epoch, batches_per_epoch());
  training_.streams().rewind();
  state_.clear();
}

void WindowsTask::seek(std::uint64_t epoch, std::uint64_t batch) {
  network_.begin_epoch(epoch, batches_per_epoch());
  training_.streams().seek(batch);
}

LossSum WindowsTask::train_batch(std::uint64_t step) {
  tape_.rewind();
  if (!training_.next()) fail("training went past the end of an epoch");
  const LossSum loss = network_.loss({tape_, network_.parameters(), Noise(seed_, step)}, training_.batch(), state_);
  tape_.backward();
  return loss;
}

Validation WindowsTask::validate(const Enough& enough) {
  validation_.streams().rewind();
  StackState state(network_.layers().state_layout(), validation_streams_);
  Tape tape(false);
  LossSum sum;
  while (validation_.next()) {
    tape.rewind();
    sum += network_.loss({tape, network_.parameters(), Noise::silent()}, validation_.batch(), state);
    if (enough && enough()) break;
  }
  const auto all = static_cast<double>(validation_.streams().targets());
  return {sum, {}, static_cast<double>(sum.predictions) / all};
}

}  // namespace recur
