// How many chunks (names, phrases) were found, counted as conlleval of the CoNLL shared tasks counts them (Tjong Kim
// Sang & Buchholz 2000); data/chunk_tags.h says what tags mark. Both sides may be in schemes of their own.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "measures/right_counts.h"

namespace recur {

// Of each type, in order. Right are chunks whose type, first and last step agree.
class ChunkTable {
 public:
  // One sentence; as many tags in each.
  void add(std::span<const std::string> expected, std::span<const std::string> predicted);

  const std::map<std::string, RightCounts, std::less<>>& types() const { return types_; }
  RightCounts all() const;

 private:
  RightCounts& of(std::string_view type);

  std::map<std::string, RightCounts, std::less<>> types_;
};

}  // namespace recur
