// How many chunks (names, phrases) were found, counted as conlleval of the CoNLL shared tasks counts them (Tjong Kim
// Sang & Buchholz 2000); data/chunk_tags.h says what tags mark. Both sides may be in schemes of their own.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

namespace recur {

struct ChunkCounts {
  std::uint64_t correct = 0;  // chunks whose type, first and last step agree
  std::uint64_t predicted = 0, expected = 0;

  // In [0, 1]; 0 where nothing is counted.
  double precision() const;
  double recall() const;
  double f1() const;
  ChunkCounts& operator+=(const ChunkCounts& other);
};

// Of each type, in order.
class ChunkTable {
 public:
  // One sentence; as many tags in each.
  void add(std::span<const std::string> expected, std::span<const std::string> predicted);

  const std::map<std::string, ChunkCounts, std::less<>>& types() const { return types_; }
  ChunkCounts all() const;

 private:
  ChunkCounts& of(std::string_view type);

  std::map<std::string, ChunkCounts, std::less<>> types_;
};

}  // namespace recur
