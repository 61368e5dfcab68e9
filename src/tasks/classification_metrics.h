// How well classes are predicted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace recur {

class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::size_t classes) : classes_(classes), counts_(classes * classes) {}

  void add(int target, int predicted);

  std::uint64_t count(std::size_t target, std::size_t predicted) const {
    return counts_[target * classes_ + predicted];
  }
  // The share that is right; 0 when there is nothing.
  double accuracy() const;
  // The mean F1 of the classes that occur as target or as prediction, where the F1 of a class is 2 TP / (2 TP + FP +
  // FN); 0 when there is nothing.
  double macro_f1() const;

 private:
  std::size_t classes_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace recur
