// How a model runs step by step (recur/stream.h).
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>

namespace recur {

struct StreamOptions {
  bool realtime = false;
  // Threads that may share a step where its layers are so large that it pays, which is found out by trying, by the
  // clock; at most as many as the calling thread has. 0: those. Real time has 1.
  std::size_t threads = 0;
};

}  // namespace recur
