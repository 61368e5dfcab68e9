// How well sets of labels are predicted, by the definitions of scikit-learn: docs/classify.md says them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "measures/right_counts.h"

namespace recur {

class LabelSets {
 public:
  // What is said of a label of a record, and whether the record has it.
  struct Judged {
    float score = 0;
    bool chosen = false, right = false;
  };
  struct Rates {
    double precision = 0, recall = 0, f1 = 0;
  };
  struct Result {
    Rates micro, macro, sample;  // of all labels of all records at once; the means over labels and over records
    double subset_accuracy = 0, hamming_loss = 0;
    double coverage_error = 0, ranking_average_precision = 0, ranking_loss = 0;
  };

  explicit LabelSets(std::size_t labels) : ranked_(labels), counts_(labels) {}

  // All labels, of which those behind the first so many have no score: they are not ranked.
  void add(std::span<const Judged> labels);

  const RightCounts& of(std::size_t label) const { return counts_[label]; }
  Result result() const;

 private:
  void rank(std::span<const Judged> labels);

  std::size_t ranked_;
  std::vector<RightCounts> counts_;
  std::uint64_t records_ = 0, whole_ = 0, wrong_ = 0;  // wrong_: labels
  Rates sample_;                                       // added up, as the next ones
  double coverage_ = 0, precision_ = 0, ranking_loss_ = 0;
};

}  // namespace recur
