#include "tasks/sequence_batch.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace recur {
namespace {

void check_indices(const char* name, std::span<const int> indices, int least, std::size_t limit) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < least || indices[i] >= static_cast<long long>(limit)) {
      fail("{}: element {} is {}, expected a number from {} to {}", name, i, indices[i], least, limit - 1);
    }
  }
}

// Of all sequences; the largest number where they are more than that.
std::size_t total_steps(const SequenceBatch& batch) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  std::size_t steps = 0;
  for (const std::size_t length : batch.lengths) steps = length > kMost - steps ? kMost : steps + length;
  return steps;
}

}  // namespace

std::size_t count_predictions(const SequenceBatch& batch, const SequenceModelOptions& options) {
  if (options.readout == Readout::last_step) return batch.lengths.size();
  return total_steps(batch);
}

void check_inputs(const SequenceBatch& batch, const SequenceModelOptions& options) {
  if (batch.lengths.empty()) fail("lengths: the batch is empty, expected at least one sequence");
  const auto empty = std::find(batch.lengths.begin(), batch.lengths.end(), 0U);
  if (empty != batch.lengths.end()) {
    fail("lengths: sequence {} has no steps, expected at least 1; leave it out", empty - batch.lengths.begin());
  }
  const std::size_t steps = total_steps(batch);
  if (options.tokens) {
    if (!batch.numbers.empty()) fail("numbers: the model reads tokens, expected none, got {}", batch.numbers.size());
    if (batch.tokens.size() != steps) {
      fail("tokens: the lengths add up to {} steps, expected as many tokens, got {}", steps, batch.tokens.size());
    }
    check_indices("tokens", batch.tokens, 0, options.input);
  } else {
    if (!batch.tokens.empty()) fail("tokens: the model reads numbers, expected none, got {}", batch.tokens.size());
    if (batch.numbers.size() / options.input != steps || batch.numbers.size() % options.input != 0) {
      fail("numbers: the lengths add up to {} steps, expected {} numbers for each, got {}", steps, options.input,
           batch.numbers.size());
    }
  }
}

void check_targets(const SequenceBatch& batch, const SequenceModelOptions& options) {
  const std::size_t predictions = count_predictions(batch, options);
  const char* where = options.readout == Readout::last_step ? "sequences" : "steps";
  if (options.target == Target::classes) {
    if (!batch.values.empty()) fail("values: the model predicts classes, expected none, got {}", batch.values.size());
    if (batch.classes.size() != predictions) {
      fail("classes: expected one for each of {} {}, got {}", predictions, where, batch.classes.size());
    }
    check_indices("classes", batch.classes, SequenceBatch::kNoClass, options.outputs);
    if (std::ranges::all_of(batch.classes, [](int c) { return c == SequenceBatch::kNoClass; })) {
      fail("classes: all are {}, expected a class for at least one prediction", SequenceBatch::kNoClass);
    }
  } else {
    if (!batch.classes.empty()) fail("classes: the model predicts values, expected none, got {}", batch.classes.size());
    if (batch.values.size() != predictions * options.outputs) {
      fail("values: expected {} for each of {} {}, got {}", options.outputs, predictions, where, batch.values.size());
    }
  }
}

std::vector<std::size_t> longest_first(const SequenceBatch& batch) {
  std::vector<std::size_t> order(batch.lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t sequence) { return batch.lengths[sequence]; });
  return order;
}

std::vector<std::size_t> first_steps(const SequenceBatch& batch) {
  std::vector<std::size_t> begins(batch.lengths.size());
  std::exclusive_scan(batch.lengths.begin(), batch.lengths.end(), begins.begin(), std::size_t{0});
  return begins;
}

void SequenceRows::fill(const SequenceBatch& batch, const SequenceModelOptions& options,
                        std::span<const std::size_t> sequences, std::span<const std::size_t> begins) {
  std::vector<std::size_t> lengths(sequences.size());
  std::ranges::transform(sequences, lengths.begin(), [&](std::size_t sequence) { return batch.lengths[sequence]; });
  steps_ = Steps::from_lengths(lengths);
  numbers_.clear();
  tokens_.clear();
  predictions_.clear();
  for (std::size_t t = 0; t < steps_.length(); ++t) {
    for (std::size_t row = 0; row < steps_.rows(t); ++row) {
      const std::size_t step = begins[sequences[row]] + t;
      if (options.tokens) {
        tokens_.push_back(batch.tokens[step]);
      } else {
        const auto first = batch.numbers.begin() + static_cast<std::ptrdiff_t>(step * options.input);
        numbers_.insert(numbers_.end(), first, first + static_cast<std::ptrdiff_t>(options.input));
      }
      if (options.readout == Readout::every_step) predictions_.push_back(step);
    }
  }
  if (options.readout == Readout::last_step) predictions_.assign(sequences.begin(), sequences.end());
}

}  // namespace recur
