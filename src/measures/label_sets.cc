#include "measures/label_sets.h"

#include <algorithm>
#include <functional>

namespace recur {
namespace {

LabelSets::Rates rates_of(const RightCounts& counts) { return {counts.precision(), counts.recall(), counts.f1()}; }

void add_to(LabelSets::Rates& sum, const LabelSets::Rates& more) {
  sum.precision += more.precision;
  sum.recall += more.recall;
  sum.f1 += more.f1;
}

LabelSets::Rates divided(const LabelSets::Rates& sum, double by) {
  return {sum.precision / by, sum.recall / by, sum.f1 / by};
}

// How many of some scores, the highest first, are at least `score`: its rank among them, the worst of equal ones.
std::size_t rank_in(const std::vector<float>& scores, float score) {
  return static_cast<std::size_t>(std::ranges::upper_bound(scores, score, std::greater<>()) - scores.begin());
}

}  // namespace

void LabelSets::add(std::span<const Judged> labels) {
  counts_.resize(std::max(counts_.size(), labels.size()));
  RightCounts own;
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto& [score, chosen, right] = labels[i];
    const RightCounts one{chosen && right ? 1U : 0U, chosen ? 1U : 0U, right ? 1U : 0U};
    counts_[i] += one;
    own += one;
    wrong += chosen != right ? 1 : 0;
  }
  ++records_;
  whole_ += wrong == 0 ? 1 : 0;
  wrong_ += wrong;
  add_to(sample_, rates_of(own));
  rank(labels.first(ranked_));
}

void LabelSets::rank(std::span<const Judged> labels) {
  std::vector<float> all, right, others;
  for (const Judged& label : labels) {
    all.push_back(label.score);
    (label.right ? right : others).push_back(label.score);
  }
  for (std::vector<float>* scores : {&all, &right, &others}) std::ranges::sort(*scores, std::greater<>());
  if (!right.empty()) coverage_ += static_cast<double>(rank_in(all, right.back()));
  if (right.empty() || others.empty()) {
    precision_ += 1;
    return;
  }
  double precision = 0;
  std::size_t misplaced = 0;  // pairs of which the wrong one is not behind
  for (const float score : right) {
    precision += static_cast<double>(rank_in(right, score)) / static_cast<double>(rank_in(all, score));
    misplaced += rank_in(others, score);
  }
  precision_ += precision / static_cast<double>(right.size());
  ranking_loss_ += static_cast<double>(misplaced) / static_cast<double>(right.size() * others.size());
}

LabelSets::Result LabelSets::result() const {
  Result result;
  if (records_ == 0) return result;
  RightCounts all;
  Rates sum;
  for (const RightCounts& one : counts_) {
    all += one;
    add_to(sum, rates_of(one));
  }
  const auto records = static_cast<double>(records_), labels = static_cast<double>(counts_.size());
  result.micro = rates_of(all);
  result.macro = divided(sum, labels);
  result.sample = divided(sample_, records);
  result.subset_accuracy = static_cast<double>(whole_) / records;
  result.hamming_loss = static_cast<double>(wrong_) / (records * labels);
  result.coverage_error = coverage_ / records;
  result.ranking_average_precision = precision_ / records;
  result.ranking_loss = ranking_loss_ / records;
  return result;
}

}  // namespace recur
