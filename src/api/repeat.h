// How benchmarks repeat what they measure.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace recur {

inline double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class Work>
double seconds_of(const Work& work) {
  const double begin = clock_seconds();
  work();
  return clock_seconds() - begin;
}

// Calls run(), which returns how many seconds it took, twice to warm up (an arena is then one block), not counted, then
// at least five times and for at least so many seconds.
template <class Run>
std::vector<double> repeat(double seconds, const Run& run) {
  constexpr std::size_t kWarmUpRuns = 2, kLeastRuns = 5;
  for (std::size_t i = 0; i < kWarmUpRuns; ++i) run();
  std::vector<double> times;
  for (const double begin = clock_seconds(); times.size() < kLeastRuns || clock_seconds() - begin < seconds;) {
    times.push_back(run());
  }
  return times;
}

}  // namespace recur
