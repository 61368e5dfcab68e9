// The binary tree of hierarchical softmax (Morin & Bengio 2005; Mikolov et al. 2013): words are its leaves, and the
// more frequent a word, the shorter its way from the root (Huffman 1952).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "data/ragged.h"

namespace recur {

class WordTree {
 public:
  // Of two words or more, by descending count.
  explicit WordTree(std::span<const std::uint64_t> counts);

  // Nodes that are no leaves: one less than words.
  std::size_t nodes() const { return words() - 1; }
  std::size_t words() const { return ways_.size(); }

  struct Turn {
    int node;     // in [0, nodes())
    float label;  // 1: to its first child, 0: to its second
  };
  // From the root to a word.
  std::span<const Turn> way_to(int word) const { return ways_[static_cast<std::size_t>(word)]; }

 private:
  Ragged<Turn> ways_;  // to each word
};

}  // namespace recur
