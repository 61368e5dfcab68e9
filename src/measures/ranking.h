// How well candidates are ranked: of each question those that are right should come first.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace recur {

class Ranking {
 public:
  // A candidate of a question. Of equal scores the one that came first is ranked first.
  void add(const std::string& question, double score, bool right);

  // Over the questions that have a right candidate.
  struct Result {
    std::size_t questions = 0, without_right = 0;
    double mean_average_precision = 0;  // average precision: the mean over right candidates of the share that is right
                                        // among those down to it (trec_eval)
    double mean_reciprocal_rank = 0;    // of the first right one
    double right_first = 0;
  };
  Result result() const;

 private:
  struct Candidate {
    double score;
    bool right;
  };
  std::map<std::string, std::vector<Candidate>> questions_;
};

}  // namespace recur
