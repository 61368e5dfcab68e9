#include "nn/heads/thresholds.h"

#include <algorithm>
#include <functional>

namespace recur {
namespace {

struct Judged {
  float probability;
  bool right;
};

// Between two probabilities, so that the more probable one is chosen and the other not.
float halfway(float above, float below) {
  const float middle = below + (above - below) / 2;
  return middle > below ? middle : above;
}

// The highest of those with the best F1.
float best_threshold(std::vector<Judged>& of, std::size_t positives) {
  if (positives == 0) return kEven;
  std::ranges::sort(of, std::greater<>(), &Judged::probability);
  float best = kEven;
  double best_f1 = -1;
  std::size_t right = 0;
  for (std::size_t chosen = 1; chosen <= of.size(); ++chosen) {
    const float last = of[chosen - 1].probability, next = chosen < of.size() ? of[chosen].probability : 0;
    right += of[chosen - 1].right ? 1 : 0;
    if (last == next) continue;
    const double f1 = 2 * static_cast<double>(right) / static_cast<double>(chosen + positives);
    if (f1 <= best_f1) continue;
    best_f1 = f1;
    best = halfway(last, next);
  }
  return best;
}

}  // namespace

std::vector<float> best_thresholds(std::span<const float> probabilities, std::span<const float> right,
                                   std::size_t labels) {
  std::vector<Judged> all, own;
  for (std::size_t i = 0; i < right.size(); ++i) all.push_back({probabilities[i], right[i] > 0});
  const auto positives_of = [](const std::vector<Judged>& of) {
    return static_cast<std::size_t>(std::ranges::count(of, true, &Judged::right));
  };
  std::vector<float> thresholds(labels);
  std::vector<std::size_t> few;
  for (std::size_t label = 0; label < labels; ++label) {
    own.clear();
    for (std::size_t i = label; i < all.size(); i += labels) own.push_back(all[i]);
    const std::size_t positives = positives_of(own);
    if (positives < kFewRecords) {
      few.push_back(label);
    } else {
      thresholds[label] = best_threshold(own, positives);
    }
  }
  const float common = few.empty() ? kEven : best_threshold(all, positives_of(all));
  for (const std::size_t label : few) thresholds[label] = common;
  return thresholds;
}

}  // namespace recur
