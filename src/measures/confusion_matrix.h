// How well classes are predicted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace recur {

class ConfusionMatrix {
 public:
  // Takes memory for each class and for each pair that occurs.
  explicit ConfusionMatrix(std::size_t classes) : right_(classes), expected_(classes), predicted_(classes) {}

  void add(int target, int predicted);

  std::uint64_t count(std::size_t target, std::size_t predicted) const;
  // The share that is right; 0 when there is nothing.
  double accuracy() const;
  // The mean F1 of the classes that occur as target or as prediction, where the F1 of a class is 2 TP / (2 TP + FP +
  // FN); 0 when there is nothing.
  double macro_f1() const;

 private:
  std::vector<std::uint64_t> right_, expected_, predicted_;        // of each class
  std::unordered_map<std::uint64_t, std::uint64_t> wrong_counts_;  // by target * classes + predicted
};

}  // namespace recur
