// Changes of process-wide settings that end with their scope.
#pragma once

#include <cstddef>
#include <ostream>
#include <vector>

#include "base/threads.h"
#include "recur/types/error.h"
#include "recur/types/simd.h"

namespace recur {

class WithThreads {
 public:
  explicit WithThreads(std::size_t count) : saved_(thread_count()) { set_thread_count(count); }
  ~WithThreads() { set_thread_count(saved_); }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  std::size_t saved_;
};

class WithSimdLevel {
 public:
  explicit WithSimdLevel(SimdLevel level) : saved_(simd_level()) { set_simd_level(level); }
  ~WithSimdLevel() { set_simd_level(saved_); }
  WithSimdLevel(const WithSimdLevel&) = delete;
  WithSimdLevel& operator=(const WithSimdLevel&) = delete;

 private:
  SimdLevel saved_;
};

// How GoogleTest writes a level.
inline void PrintTo(SimdLevel level, std::ostream* out) { *out << simd_name(level); }

// The levels that this processor has.
inline std::vector<SimdLevel> simd_levels() {
  std::vector<SimdLevel> levels;
  for (const SimdLevel level : {SimdLevel::baseline, SimdLevel::avx2, SimdLevel::avx512}) {
    try {
      const WithSimdLevel set(level);
      levels.push_back(level);
    } catch (const Error&) {
      break;
    }
  }
  return levels;
}

}  // namespace recur
