#include "nn/text_search.h"

#include <algorithm>

namespace recur {

void likely_tokens(std::span<const float> log_p, int blank, std::span<const int> never, std::vector<int>& tokens) {
  tokens.clear();
  for (int k = 0; k < static_cast<int>(log_p.size()); ++k) {
    if (k != blank && std::ranges::find(never, k) == never.end()) tokens.push_back(k);
  }
  if (tokens.size() <= kMostTokens) return;
  const auto more = [&](int a, int b) {
    const float of_a = log_p[static_cast<std::size_t>(a)], of_b = log_p[static_cast<std::size_t>(b)];
    return of_a > of_b || (of_a == of_b && a < b);
  };
  std::ranges::partial_sort(tokens, tokens.begin() + kMostTokens, more);
  tokens.resize(kMostTokens);
}

int likeliest_output(std::span<const float> log_p, int blank, std::span<const int> never) {
  int best = blank;
  for (int k = 0; k < static_cast<int>(log_p.size()); ++k) {
    const bool more = log_p[static_cast<std::size_t>(k)] > log_p[static_cast<std::size_t>(best)];
    if (more && std::ranges::find(never, k) == never.end()) best = k;
  }
  return best;
}

}  // namespace recur
