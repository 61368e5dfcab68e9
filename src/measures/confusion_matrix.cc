#include "measures/confusion_matrix.h"

#include <algorithm>

namespace recur {

void ConfusionMatrix::add(int target, int predicted) {
  const auto row = static_cast<std::size_t>(target), column = static_cast<std::size_t>(predicted);
  counts_.resize(std::max({counts_.size(), row + 1, column + 1}));
  ++counts_[row].expected;
  ++counts_[column].predicted;
  ++(row == column ? counts_[row].right : wrong_counts_[place_of(row, column)]);
}

std::uint64_t ConfusionMatrix::count(std::size_t target, std::size_t predicted) const {
  if (target == predicted) return counts_[target].right;
  const auto place = wrong_counts_.find(place_of(target, predicted));
  return place == wrong_counts_.end() ? 0 : place->second;
}

double ConfusionMatrix::accuracy() const {
  RightCounts all;
  for (const RightCounts& one : counts_) all += one;
  return all.recall();
}

double ConfusionMatrix::macro_f1() const {
  double sum = 0;
  std::size_t occurring = 0;
  for (const RightCounts& one : counts_) {
    if (one.expected + one.predicted == 0) continue;
    ++occurring;
    sum += one.f1();
  }
  return occurring == 0 ? 0 : sum / static_cast<double>(occurring);
}

}  // namespace recur
