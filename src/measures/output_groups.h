// Outputs, each with all that the data lists for what it was made of.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "recur/types/record.h"

namespace recur {

// Records with the same input: what was read, if that is a text; what was wanted, a text of each; and what came, which
// is the same for all.
struct OutputGroup {
  std::string source;
  std::vector<std::string> wanted;
  std::string output;
};

class OutputGroups {
 public:
  // A record whose input is not known is a group of its own.
  void add(const Cell& input, const std::string& wanted, const std::string& output);

  // In the order in which they came.
  const std::vector<OutputGroup>& all() const { return groups_; }

 private:
  std::vector<OutputGroup> groups_;
  std::size_t records_ = 0;
  std::unordered_map<std::string, std::size_t> place_of_;  // by input
};

}  // namespace recur
