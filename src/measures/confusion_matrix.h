// How well classes are predicted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "measures/right_counts.h"

namespace recur {

class ConfusionMatrix {
 public:
  // Takes memory for each class and for each pair that occurs.
  explicit ConfusionMatrix(std::size_t classes) : counts_(classes) {}

  // A class beyond those that there are so far is a new one.
  void add(int target, int predicted);

  std::size_t classes() const { return counts_.size(); }
  const RightCounts& of(std::size_t i) const { return counts_[i]; }
  std::uint64_t count(std::size_t target, std::size_t predicted) const;
  // The share that is right; 0 when there is nothing.
  double accuracy() const;
  // The mean F1 of the classes that occur as target or as prediction; 0 when there is nothing.
  double macro_f1() const;

 private:
  static std::uint64_t place_of(std::size_t target, std::size_t predicted) {
    return std::uint64_t{target} << 32 | predicted;
  }

  std::vector<RightCounts> counts_;                                // of each class
  std::unordered_map<std::uint64_t, std::uint64_t> wrong_counts_;  // by place_of(target, predicted)
};

}  // namespace recur
