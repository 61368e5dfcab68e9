// How many edits make one sequence of tokens another.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace recur {

// How many tokens two sequences have in common at their beginning and, of what is left, at their end: the fewest edits
// leave these as they are.
struct CommonEnds {
  std::size_t front = 0, back = 0;
};
CommonEnds common_ends(std::span<const std::string> a, std::span<const std::string> b);

// How many tokens must be inserted, deleted or replaced to make one sequence the other (Levenshtein 1966). In memory
// for one row of the table.
std::size_t edit_distance(std::span<const std::string> a, std::span<const std::string> b);

}  // namespace recur
