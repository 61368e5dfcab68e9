#include "tasks/classification_metrics.h"

#include <cassert>

namespace recur {

void ConfusionMatrix::add(int target, int predicted) {
  const auto row = static_cast<std::size_t>(target), column = static_cast<std::size_t>(predicted);
  assert(row < classes_ && column < classes_);
  ++counts_[row * classes_ + column];
}

double ConfusionMatrix::accuracy() const {
  std::uint64_t right = 0, all = 0;
  for (std::size_t i = 0; i < classes_; ++i) {
    right += count(i, i);
    for (std::size_t j = 0; j < classes_; ++j) all += count(i, j);
  }
  return all == 0 ? 0 : static_cast<double>(right) / static_cast<double>(all);
}

double ConfusionMatrix::macro_f1() const {
  double sum = 0;
  std::size_t occurring = 0;
  for (std::size_t i = 0; i < classes_; ++i) {
    std::uint64_t expected = 0, predicted = 0;
    for (std::size_t j = 0; j < classes_; ++j) {
      expected += count(i, j);
      predicted += count(j, i);
    }
    if (expected + predicted == 0) continue;
    ++occurring;
    sum += 2 * static_cast<double>(count(i, i)) / static_cast<double>(expected + predicted);
  }
  return occurring == 0 ? 0 : sum / static_cast<double>(occurring);
}

}  // namespace recur
