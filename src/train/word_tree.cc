#include "train/word_tree.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace recur {

WordTree::WordTree(std::span<const std::uint64_t> counts) {
  const std::size_t words = counts.size();
  assert(words >= 2);
  struct Tree {
    std::uint64_t count = 0;
    std::size_t parent = 0;
    float label = 1;
  };
  std::vector<Tree> trees(2 * words - 1);  // leaves, then the others in the order in which they are made
  for (std::size_t w = 0; w < words; ++w) trees[w].count = counts[w];
  // Both leaves, from the last on, and the others, from the first on, come by ascending count.
  std::size_t leaves = words, next = words;
  for (std::size_t node = words; node < trees.size(); ++node) {
    for (const float label : {1.0F, 0.0F}) {
      const bool leaf = leaves > 0 && (next == node || trees[leaves - 1].count < trees[next].count);
      Tree& child = trees[leaf ? --leaves : next++];
      child.parent = node;
      child.label = label;
      trees[node].count += child.count;
    }
  }
  std::vector<Turn> way;
  for (std::size_t w = 0; w < words; ++w) {
    way.clear();
    for (std::size_t at = w; at + 1 < trees.size(); at = trees[at].parent) {
      way.push_back({static_cast<int>(trees[at].parent - words), trees[at].label});
    }
    std::ranges::reverse(way);
    ways_.add(way);
  }
}

}  // namespace recur
