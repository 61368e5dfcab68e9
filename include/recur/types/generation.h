// How a model writes.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace recur {

struct SamplingOptions {
  float temperature = 1;  // 0 takes the most likely token
  int top_k = 0;          // only the k most likely; 0: all
  float top_p = 1;        // of those the most likely that together have this probability (Holtzman et al. 2020)
  float min_p = 0;        // only those at least so probable, as a share of the most probable (Nguyen et al. 2024)
};

struct Generation {
  std::string prompt;
  std::size_t length = 500;        // tokens
  std::vector<std::string> stops;  // ends before the first of these texts that comes
  // The logits of tokens that are among the last `repetition_window` are divided by this, negative ones multiplied
  // (Keskar et al. 2019); 1: not.
  float repetition_penalty = 1;
  std::size_t repetition_window = 64;
  std::vector<std::string> banned, allowed;  // tokens that are never written; nothing but which is written, if any
  SamplingOptions sampling;
  std::uint64_t seed = 1;
};

}  // namespace recur
