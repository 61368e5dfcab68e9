// How long outputs may get.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "data/records.h"

namespace recur {

// The most tokens of an output, its end among them: so many for each token of the source, and some more.
struct OutputBound {
  double per_token = 2, more = 20;  // of models of formats that knew no other

  // From training data: twice the mean ratio of lengths, and as many more as the longest target needs, at least 20.
  static OutputBound of(const Records& records);
  // The lengths of source and target, without its end.
  static OutputBound of(std::span<const std::pair<std::size_t, std::size_t>> lengths);
  std::size_t most_tokens(std::size_t source_length) const;
};

}  // namespace recur
