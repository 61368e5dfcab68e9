// Chunks (names, phrases) marked by tags such as B-PER I-PER O, counted as conlleval of the CoNLL shared tasks counts
// them (Tjong Kim Sang & Buchholz 2000). A tag is a prefix, '-' and a type, which begins after the first '-'. Prefixes
// are B I O E S and the brackets [ and ]; IOB1, IOB2, IOE and BIOES are all understood, and so are tags that follow no
// scheme: a chunk begins where the type changes, whatever the prefix.
#pragma once

#include <cstdint>
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

// Of one sentence; as many tags in each.
ChunkCounts count_chunks(std::span<const std::string> expected, std::span<const std::string> predicted);

// Whether tags mark chunks: each is "O" or begins with B-, I-, E- or S-, and not all are "O".
bool are_chunk_tags(std::span<const std::string> tags);

}  // namespace recur
