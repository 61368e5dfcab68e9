// Test data: reproducible, the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/philox.h"

namespace recur {

// Uniform in [-scale, scale); exact in float where scale is a power of two.
inline std::vector<double> random_values(std::size_t count, double scale, std::uint64_t seed, std::uint32_t index = 0) {
  const Random random(seed, RandomPurpose::test, index);
  std::vector<double> values(count);
  for (std::size_t k = 0; k < count; ++k) values[k] = (2.0 * random.uniform(k) - 1) * scale;
  return values;
}

// Integers in [-8, 8] as floats: sums of up to 2^17 of their products are exact, in any order.
inline std::vector<float> random_integers(std::size_t count, std::uint64_t seed) {
  const Random random(seed, RandomPurpose::test);
  std::vector<float> values(count);
  for (std::size_t k = 0; k < count; ++k) values[k] = static_cast<float>(random.word(k) % 17) - 8;
  return values;
}

}  // namespace recur
