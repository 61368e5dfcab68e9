// Threads as an argument of a call.
#pragma once

#include <algorithm>

#include "base/threads.h"

namespace recur {

// While it lives, the calling thread shares its work with at most so many threads; 0: as many as before.
class ThreadLimit {
 public:
  explicit ThreadLimit(std::size_t most) : before_(omp_get_max_threads()) {
    if (most > 0) set_thread_count(std::min(most, static_cast<std::size_t>(before_)));
  }
  ~ThreadLimit() { omp_set_num_threads(before_); }
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

 private:
  int before_;
};

}  // namespace recur
