#include "measures/confusion_matrix.h"

#include <cassert>
#include <numeric>

namespace recur {

void ConfusionMatrix::add(int target, int predicted) {
  const auto row = static_cast<std::size_t>(target), column = static_cast<std::size_t>(predicted);
  assert(row < right_.size() && column < right_.size());
  ++expected_[row];
  ++predicted_[column];
  ++(row == column ? right_[row] : wrong_counts_[row * right_.size() + column]);
}

std::uint64_t ConfusionMatrix::count(std::size_t target, std::size_t predicted) const {
  if (target == predicted) return right_[target];
  const auto place = wrong_counts_.find(target * right_.size() + predicted);
  return place == wrong_counts_.end() ? 0 : place->second;
}

double ConfusionMatrix::accuracy() const {
  const auto right = std::accumulate(right_.begin(), right_.end(), std::uint64_t{0});
  const auto all = std::accumulate(expected_.begin(), expected_.end(), std::uint64_t{0});
  return all == 0 ? 0 : static_cast<double>(right) / static_cast<double>(all);
}

double ConfusionMatrix::macro_f1() const {
  double sum = 0;
  std::size_t occurring = 0;
  for (std::size_t i = 0; i < right_.size(); ++i) {
    if (expected_[i] + predicted_[i] == 0) continue;
    ++occurring;
    sum += 2 * static_cast<double>(right_[i]) / static_cast<double>(expected_[i] + predicted_[i]);
  }
  return occurring == 0 ? 0 : sum / static_cast<double>(occurring);
}

}  // namespace recur
