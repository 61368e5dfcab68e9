// Runs of tokens that outputs must have (lexical constraints: Hokamp & Liu 2017).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace recur {

class WantedRuns {
 public:
  WantedRuns() = default;  // none
  // None of them empty; of equal ones all but one are left out.
  explicit WantedRuns(std::vector<std::vector<int>> runs);

  // How many tokens they have together.
  std::size_t total() const { return total_; }
  // The different tokens that they have, ascending.
  std::span<const int> tokens() const { return tokens_; }

  // What an output has of them: all tokens of the runs that stand in it, and those of another that it ends with the
  // beginning of, the longest such.
  std::size_t met(std::span<const int> output) const;
  // The same of an output that goes on with this token, or with any that no run has.
  std::size_t met_with(std::vector<int> output, int token) const;
  std::size_t met_without(std::span<const int> output) const;

 private:
  std::vector<std::vector<int>> runs_;
  std::vector<int> tokens_;
  std::size_t total_ = 0;
};

}  // namespace recur
