#include "nn/heads/output_bound.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace recur {

OutputBound OutputBound::of(const Records& records) {
  std::vector<std::pair<std::size_t, std::size_t>> lengths;
  for (std::size_t i = 0; i < records.size(); ++i)
    lengths.emplace_back(records.lengths[i], records.other_lengths[i] - 1);
  return of(lengths);
}

OutputBound OutputBound::of(std::span<const std::pair<std::size_t, std::size_t>> lengths) {
  double sources = 0, targets = 0;
  for (const auto& [source, target] : lengths) {
    sources += static_cast<double>(source);
    targets += static_cast<double>(target);
  }
  OutputBound bound;
  if (sources > 0) bound.per_token = 2 * targets / sources;
  for (const auto& [source, target] : lengths) {
    const double with_end = static_cast<double>(target) + 1;
    bound.more = std::max(bound.more, std::ceil(with_end - bound.per_token * static_cast<double>(source)));
  }
  return bound;
}

std::size_t OutputBound::most_tokens(std::size_t source_length) const {
  return static_cast<std::size_t>(std::ceil(per_token * static_cast<double>(source_length) + more));
}
}  // namespace recur
