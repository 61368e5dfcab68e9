// Work over threads. Slices are numbered work items; what a slice computes must not depend on the number of threads, so
// that results are the same bits whatever it is.
#pragma once

#include <omp.h>

#include <cstddef>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace recur {

// Flushes denormal floats to zero on this thread while it lives: a decaying state would otherwise slow down a
// hundredfold.
class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040U); }
  ~FlushDenormals() { _mm_setcsr(saved_); }
#else
  FlushDenormals() = default;
  ~FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE2__)
  unsigned saved_;
#endif
};

inline std::size_t thread_count() { return static_cast<std::size_t>(omp_get_max_threads()); }
inline void set_thread_count(std::size_t count) { omp_set_num_threads(static_cast<int>(count)); }

// Calls work(slice) for every slice in [0, slices), in parallel. `work` must not throw.
template <class Work>
void parallel_for(std::size_t slices, const Work& work) {
  if (slices == 1 || thread_count() == 1) {
    const FlushDenormals flush;
    for (std::size_t slice = 0; slice < slices; ++slice) work(slice);
    return;
  }
#pragma omp parallel
  {
    const FlushDenormals flush;
#pragma omp for schedule(dynamic, 1)
    for (std::size_t slice = 0; slice < slices; ++slice) work(slice);
  }
}

// Calls work(part, parts) on as many threads as there are parts, at most `most`, which may wait for each other with
// OpenMP's barrier. `work` must not throw.
template <class Work>
void parallel_team(std::size_t most, const Work& work) {
#pragma omp parallel num_threads(static_cast <int>(most))
  {
    const FlushDenormals flush;
    work(static_cast<std::size_t>(omp_get_thread_num()), static_cast<std::size_t>(omp_get_num_threads()));
  }
}

// Cuts [0, total) into ranges of at most about `most` and calls work(first, last) for each, in parallel. There are a
// multiple of eight ranges of about equal size, so that few threads share them evenly, unless they would get small.
template <class Work>
void parallel_slices(std::size_t total, std::size_t most, const Work& work) {
  const std::size_t least = (total + most - 1) / most;
  const std::size_t even = (least + 7) / 8 * 8;
  const std::size_t count = total / even >= most / 4 ? even : least;
  parallel_for(count, [&](std::size_t slice) { work(total * slice / count, total * (slice + 1) / count); });
}

}  // namespace recur
