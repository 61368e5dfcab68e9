#include "measures/ranking.h"

#include <algorithm>

namespace recur {

void Ranking::add(const std::string& question, double score, bool right) {
  questions_[question].push_back({score, right});
}

Ranking::Result Ranking::result() const {
  Result result;
  for (const auto& [question, candidates] : questions_) {
    std::vector<Candidate> ranked = candidates;
    std::ranges::stable_sort(ranked, std::greater<>(), &Candidate::score);
    double precisions = 0, first = 0, right = 0;
    for (std::size_t i = 0; i < ranked.size(); ++i) {
      if (!ranked[i].right) continue;
      const auto rank = static_cast<double>(i + 1);
      if (right == 0) first = rank;
      precisions += ++right / rank;
    }
    if (right == 0) {
      ++result.without_right;
      continue;
    }
    ++result.questions;
    result.mean_average_precision += precisions / right;
    result.mean_reciprocal_rank += 1 / first;
    result.right_first += first == 1 ? 1 : 0;
  }
  const double count = std::max<double>(1, static_cast<double>(result.questions));
  result.mean_average_precision /= count;
  result.mean_reciprocal_rank /= count;
  result.right_first /= count;
  return result;
}

}  // namespace recur
