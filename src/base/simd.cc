#include "recur/types/simd.h"

#include <atomic>

#include "base/error.h"

namespace recur {
namespace {

SimdLevel best_level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (avx2 && avx512) return SimdLevel::avx512;
  if (avx2) return SimdLevel::avx2;
#endif
  return SimdLevel::baseline;
}

std::atomic<SimdLevel>& chosen_level() {
  static std::atomic<SimdLevel> level = best_level();
  return level;
}

}  // namespace

SimdLevel simd_level() { return chosen_level().load(std::memory_order_relaxed); }

void set_simd_level(SimdLevel level) {
  if (level > best_level())
    fail("this processor has no {}; the best it has is {}", simd_name(level), simd_name(best_level()));
  chosen_level().store(level, std::memory_order_relaxed);
}

const char* simd_name(SimdLevel level) {
  switch (level) {
    case SimdLevel::avx512:
      return "AVX-512";
    case SimdLevel::avx2:
      return "AVX2";
    default:
      return "baseline";
  }
}

}  // namespace recur
