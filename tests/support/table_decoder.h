// Decoders whose probabilities are tables, for the tests of searches.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "nn/beam_decoder.h"
#include "support/gradient_check.h"

namespace recur {

using Tokens = std::vector<int>;

constexpr int kBegin = 1, kEnd = 2;

// log p of every token after a beginning of a source's output.
using Table = std::function<std::vector<float>(std::size_t source, const Tokens& beginning)>;

// Remembers what each hypothesis has read, by `tokens` and `from` alone. The attention of a step spells the beginning.
class TableDecoder : public BeamDecoder {
 public:
  TableDecoder(Table table, std::size_t sources, bool looks = false) : table_(std::move(table)), looks_(looks) {
    for (std::size_t source = 0; source < sources; ++source) rows_.push_back({source, {}});
  }

  Step step(std::span<const int> tokens, std::span<const std::size_t> from) override {
    std::vector<Row> next;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      next.push_back(rows_.at(from[i]));
      next.back().read.push_back(tokens[i]);
    }
    rows_ = std::move(next);
    scores_.clear();
    seen_.clear();
    Step step;
    std::size_t vocabulary = 0;
    for (const Row& row : rows_) {
      const std::vector<float> scores = table_(row.source, Tokens(row.read.begin() + 1, row.read.end()));
      vocabulary = scores.size();
      scores_.insert(scores_.end(), scores.begin(), scores.end());
      seen_.emplace_back(row.read.begin(), row.read.end());
    }
    step.log_probabilities = {scores_.data(), rows_.size(), vocabulary, vocabulary};
    if (looks_) step.attention.assign(seen_.begin(), seen_.end());
    most_rows = std::max(most_rows, rows_.size());
    ++steps;
    return step;
  }

  std::size_t most_rows = 0, steps = 0;

 private:
  struct Row {
    std::size_t source;
    Tokens read;
  };
  Table table_;
  bool looks_;
  std::vector<Row> rows_;
  std::vector<float> scores_;
  std::vector<std::vector<float>> seen_;
};

// Five tokens; every beginning of every source has probabilities of its own.
inline std::vector<float> random_table(std::size_t source, const Tokens& beginning) {
  std::uint64_t seed = source + 1;
  for (const int token : beginning) seed = seed * 31 + static_cast<std::uint64_t>(token) + 7;
  std::vector<float> scores = random_floats(5, 2, seed);
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score));
  for (float& score : scores) score -= static_cast<float>(std::log(sum));
  return scores;
}

}  // namespace recur
