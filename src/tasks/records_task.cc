#include "tasks/records_task.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/record_versions.h"
#include "tasks/evaluate.h"

namespace recur {

RecordsTask::RecordsTask(Network& network, const Records& training, const Records& validation,
                         const BatchLimits& limits, const TrainingOptions& options)
    : network_(network),
      training_(&training),
      validation_(validation),
      limits_(limits),
      seed_(options.seed),
      unroll_(network.recipe().windows ? options.unroll : 0),
      batches_(batches_of(training)),
      windows_(count_windows()),
      count_(training.originals()) {
  if (unroll_ > 0) carried_.emplace(network.layers().state_layout(), std::min(limits.records, count_));
}

LengthBatches RecordsTask::batches_of(const Records& records) const {
  return {of_first_versions(records.lengths, records.versions),
          of_first_versions(records.other_lengths, records.versions), limits_, seed_};
}

// Those of batch `next_`; of records with versions the ones that this epoch has.
std::span<const std::size_t> RecordsTask::batch_records() {
  if (training_->versions == 1) return batches_[next_];
  draw_versions(*training_, batches_[next_], seed_, epoch_, drawn_versions_);
  return drawn_versions_;
}

std::size_t RecordsTask::windows_of(std::size_t batch) const {
  if (unroll_ == 0) return 1;
  return BatchWindows::count_of(training_->lengths[batches_[batch].front()], unroll_);
}

std::size_t RecordsTask::count_windows() const {
  std::size_t sum = 0;
  for (std::size_t batch = 0; batch < batches_.count(); ++batch) sum += windows_of(batch);
  return sum;
}

void RecordsTask::seek(std::uint64_t epoch, std::uint64_t batch) {
  if (draw_ && epoch != epoch_) draw(epoch);
  epoch_ = epoch;
  batches_.begin_epoch(epoch);
  network_.begin_epoch(epoch, batches_per_epoch());
  next_window_ = static_cast<std::size_t>(batch);
  for (next_ = 0; next_ < batches_.count() && next_window_ >= windows_of(next_); ++next_) {
    next_window_ -= windows_of(next_);
  }
  cuts_.reset();
  if (next_window_ == 0) return;
  begin_batch();
  state_->copy_first(*carried_);  // a resumed run's
}

void RecordsTask::draw(std::uint64_t epoch) {
  drawn_ = draw_(epoch);
  training_ = drawn_.get();
  batches_ = batches_of(*drawn_);
  const std::size_t windows = count_windows();
  if (drawn_->originals() != count_)
    fail("epoch {} has {} records, epoch 0 {}; expected as many", epoch, drawn_->originals(), count_);
  if (windows == windows_) return;
  fail(
      "the records of epoch {} make {} batches, those of epoch 0 {}; expected as many: give as many records, and "
      "batch_tokens 0 where their lengths differ",
      epoch, windows, windows_);
}

LossSum RecordsTask::train_batch(std::uint64_t step) {
  tape_.rewind();
  const Run run{tape_, network_.parameters(), Noise(seed_, step)};
  LossSum loss;
  if (unroll_ > 0) {
    loss = train_window(run);
  } else {
    batch_ = make_batch(network_.fields(), *training_, batch_records());
    ++next_;
    loss = network_.loss(run, batch_);
  }
  tape_.backward();
  if (unroll_ > 0) end_window();
  return loss;
}

void RecordsTask::begin_batch() {
  batch_ = make_batch(network_.fields(), *training_, batches_[next_]);
  cuts_.emplace(batch_, unroll_);
  state_.emplace(network_.layers().state_layout(), batch_.size());
}

LossSum RecordsTask::train_window(const Run& run) {
  if (!cuts_) begin_batch();
  cuts_->seek(next_window_);
  state_->keep_first(cuts_->batch().size());  // without sequences that have ended
  return network_.loss(run, cuts_->batch(), *state_);
}

void RecordsTask::end_window() {
  if (++next_window_ < cuts_->count()) return;
  ++next_;
  next_window_ = 0;
  cuts_.reset();
}

std::span<float> RecordsTask::carried_state() {
  if (!carried_) return {};
  if (state_) {
    carried_->clear();  // of rows that an earlier batch had more
    carried_->copy_first(*state_);
  }
  return carried_->all();
}

void RecordsTask::check_carried_state() {
  if (carried_) network_.layers().check_state(*carried_);
}

Validation RecordsTask::validate(const Enough& enough) {
  auto* const fitted = dynamic_cast<FittedHead*>(&network_.head());
  const Evaluated result = fitted != nullptr ? fit_and_evaluate(network_, *fitted, validation_, enough)
                                             : evaluate(network_, validation_, network_.head().validation(), enough);
  if (result.loss.predictions == 0) {
    fail("validation: nothing is known of what is to be predicted; give other records: --valid FILE");
  }
  return {result.loss, result.measures ? result.measures->decisive() : std::nullopt, result.share};
}

}  // namespace recur
