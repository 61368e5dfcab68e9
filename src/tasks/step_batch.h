// Some records' sequences as layers read them.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "data/length_batches.h"
#include "data/ragged.h"
#include "recur/steps.h"
#include "tasks/records.h"

namespace recur {

// The elements of some sequences, longest first, in the order of Steps; each step of a sequence has `width` elements.
template <class T>
class StepBatch {
 public:
  StepBatch(const Ragged<T>& sequences, std::span<const std::size_t> batch, std::size_t width = 1) {
    std::vector<std::size_t> lengths;
    for (const std::size_t record : batch) lengths.push_back(sequences[record].size() / width);
    steps_ = Steps::from_lengths(lengths);
    for (std::size_t t = 0; t < steps_.length(); ++t) {
      for (std::size_t row = 0; row < steps_.rows(t); ++row) {
        const std::span<const T> step = sequences[batch[row]].subspan(t * width, width);
        elements_.insert(elements_.end(), step.begin(), step.end());
      }
    }
  }
  const Steps& steps() const { return steps_; }
  std::span<T> elements() { return elements_; }

 private:
  Steps steps_;
  std::vector<T> elements_;
};

// Calls visit(batch) for batches of all records, longest first, until there are enough; only memory depends on their
// size.
template <class Visit>
void for_batches(const Records& records, std::size_t most_records, const Visit& visit) {
  if (records.size() == 0) return;
  constexpr BatchLimits kLimits{256, 16384};
  const LengthBatches batches = LengthBatches::unshuffled(records.lengths, records.other_lengths,
                                                          {std::min(most_records, kLimits.records), kLimits.tokens});
  std::size_t done = 0;
  for (std::size_t i = 0; i < batches.count(); ++i) {
    visit(batches[i]);
    done += batches[i].size();
    if (records.enough && records.enough(static_cast<double>(done) / static_cast<double>(records.size()))) return;
  }
}
template <class Visit>
void for_batches(const Records& records, const Visit& visit) {
  for_batches(records, records.size(), visit);
}

}  // namespace recur
