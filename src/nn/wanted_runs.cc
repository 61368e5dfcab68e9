#include "nn/wanted_runs.h"

#include <algorithm>

namespace recur {
namespace {

bool stands_in(std::span<const int> run, std::span<const int> output) {
  return run.empty() || std::search(output.begin(), output.end(), run.begin(), run.end()) != output.end();
}

// The most tokens that a run begins and the output ends with.
std::size_t begun(std::span<const int> run, std::span<const int> output) {
  for (std::size_t n = std::min(run.size(), output.size()); n > 0; --n) {
    if (std::ranges::equal(run.first(n), output.last(n))) return n;
  }
  return 0;
}

}  // namespace

WantedRuns::WantedRuns(std::vector<std::vector<int>> runs) : runs_(std::move(runs)) {
  std::ranges::sort(runs_);
  runs_.erase(std::unique(runs_.begin(), runs_.end()), runs_.end());
  for (const std::vector<int>& run : runs_) {
    total_ += run.size();
    tokens_.insert(tokens_.end(), run.begin(), run.end());
  }
  std::ranges::sort(tokens_);
  tokens_.erase(std::unique(tokens_.begin(), tokens_.end()), tokens_.end());
}

std::size_t WantedRuns::met(std::span<const int> output) const {
  std::size_t whole = 0, longest = 0;
  for (const std::vector<int>& run : runs_) {
    if (stands_in(run, output)) {
      whole += run.size();
    } else {
      longest = std::max(longest, begun(run, output));
    }
  }
  return whole + longest;
}

std::size_t WantedRuns::met_with(std::vector<int> output, int token) const {
  output.push_back(token);
  return met(output);
}

std::size_t WantedRuns::met_without(std::span<const int> output) const {
  std::size_t whole = 0;
  for (const std::vector<int>& run : runs_) whole += stands_in(run, output) ? run.size() : 0;
  return whole;
}

}  // namespace recur
