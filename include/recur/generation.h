// How a model writes.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace recur {

struct SamplingOptions {
  float temperature = 1;  // 0 takes the most likely token
  int top_k = 0;          // only the k most likely; 0: all
  float top_p = 1;        // of those the most likely that together have this probability (Holtzman et al. 2020)
};

struct Generation {
  std::string prompt;
  std::size_t length = 500;  // tokens
  std::string stop;          // ends before this text; empty: never
  SamplingOptions sampling;
  std::uint64_t seed = 1;
};

}  // namespace recur
