#include "data/length_batches.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/philox.h"

namespace recur {
namespace {

// Shuffles `items` (Fisher & Yates) with the words of `random` from `position` on.
template <class T>
void shuffle(std::span<T> items, const Random& random, std::uint64_t& position) {
  for (std::size_t left = items.size(); left > 1; --left) {
    const std::uint64_t drawn = (std::uint64_t{random.word(position++)} * left) >> 32;
    std::swap(items[left - 1], items[static_cast<std::size_t>(drawn)]);
  }
}

}  // namespace

LengthBatches::LengthBatches(std::span<const std::uint32_t> lengths, std::span<const std::uint32_t> other_lengths,
                             const BatchLimits& limits)
    : sorted_(lengths.size()) {
  assert(other_lengths.empty() || other_lengths.size() == lengths.size());
  if (limits.records == 0) fail("--batch: expected at least 1, got 0");
  const auto key = [&](std::size_t record) {
    return std::pair(lengths[record], other_lengths.empty() ? 0U : other_lengths[record]);
  };
  std::iota(sorted_.begin(), sorted_.end(), std::size_t{0});
  std::ranges::stable_sort(sorted_, std::ranges::greater{}, key);

  const std::size_t count = sorted_.size();
  for (std::size_t begin = 0, end = 0; begin < count; begin = end) {
    while (end < count && key(sorted_[end]) == key(sorted_[begin])) ++end;
    if (end - begin > 1) ties_.push_back({begin, end});
  }
  for (std::size_t begin = 0, end = 0; begin < count; begin = end) {
    for (std::uint64_t tokens = 0; end < count && end - begin < limits.records; ++end) {
      const auto [length, other_length] = key(sorted_[end]);
      tokens += std::uint64_t{length} + other_length;
      if (limits.tokens > 0 && tokens > limits.tokens && end > begin) break;
    }
    cuts_.push_back({begin, end});
  }
  order_ = sorted_;
  batches_ = cuts_;
}

LengthBatches::LengthBatches(std::span<const std::uint32_t> lengths, std::span<const std::uint32_t> other_lengths,
                             const BatchLimits& limits, std::uint64_t seed)
    : LengthBatches(lengths, other_lengths, limits) {
  seed_ = seed;
  begin_epoch(0);
}

LengthBatches LengthBatches::unshuffled(std::span<const std::uint32_t> lengths,
                                        std::span<const std::uint32_t> other_lengths, const BatchLimits& limits) {
  return LengthBatches(lengths, other_lengths, limits);
}

void LengthBatches::begin_epoch(std::uint64_t epoch) {
  const Random random(seed_, RandomPurpose::shuffle, static_cast<std::uint32_t>(epoch));
  std::uint64_t position = 0;
  order_ = sorted_;
  for (const Range& tie : ties_) shuffle(std::span(order_).subspan(tie.begin, tie.end - tie.begin), random, position);
  batches_ = cuts_;
  shuffle(std::span(batches_), random, position);
}

std::span<const std::size_t> LengthBatches::operator[](std::size_t i) const {
  assert(i < count());
  return std::span(order_).subspan(batches_[i].begin, batches_[i].end - batches_[i].begin);
}

}  // namespace recur
