// Batches of records of similar length.
//
// The records are sorted by (length, other length), longest first, and cut into consecutive batches by the limits. The
// cuts depend on nothing but the lengths: count() is the same in every epoch. Drawn anew for each epoch, from
// (seed, epoch) and the same on every machine, are the order of records of the same lengths, and so who shares a
// batch with whom, and the order of the batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// What a batch holds at most, but it always holds a record.
struct BatchLimits {
  std::size_t records = 50;
  std::size_t tokens = 0;  // the lengths and other lengths of its records together; 0: no limit
};

class LengthBatches {
 public:
  // For training: begins with epoch 0. `other_lengths` is empty or as long as `lengths`. Throws Error if
  // limits.records is 0.
  LengthBatches(std::span<const std::uint32_t> lengths, std::span<const std::uint32_t> other_lengths,
                const BatchLimits& limits, std::uint64_t seed);
  // For evaluation: nothing is drawn, the batches stay longest first, records of the same lengths in their own order.
  static LengthBatches unshuffled(std::span<const std::uint32_t> lengths, std::span<const std::uint32_t> other_lengths,
                                  const BatchLimits& limits);

  // How many batches an epoch has.
  std::size_t count() const { return batches_.size(); }
  // Draws the orders of an epoch, below 2^32; not for unshuffled batches.
  void begin_epoch(std::uint64_t epoch);
  // The records of batch i in [0, count()), longest first; valid until begin_epoch().
  std::span<const std::size_t> operator[](std::size_t i) const;

 private:
  struct Range {
    std::size_t begin, end;
  };
  LengthBatches(std::span<const std::uint32_t> lengths, std::span<const std::uint32_t> other_lengths,
                const BatchLimits& limits);

  std::uint64_t seed_ = 0;
  std::vector<std::size_t> sorted_;  // records in their lasting order
  std::vector<Range> ties_;          // of sorted_: two and more records of the same lengths
  std::vector<Range> cuts_;          // of sorted_: a batch each, in order
  std::vector<std::size_t> order_;   // records in the order of this epoch
  std::vector<Range> batches_;       // of order_, in the order of this epoch
};

}  // namespace recur
