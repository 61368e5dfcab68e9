// How often something was right, of what was predicted and of what was wanted.
#pragma once

#include <cstdint>

namespace recur {

// In [0, 1]; 0 where nothing is counted.
inline double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

struct RightCounts {
  std::uint64_t right = 0, predicted = 0, expected = 0;

  // In [0, 1]; 0 where nothing is counted.
  double precision() const { return share_of(right, predicted); }
  double recall() const { return share_of(right, expected); }
  double f1() const { return share_of(2 * right, predicted + expected); }
  RightCounts& operator+=(const RightCounts& other) {
    right += other.right;
    predicted += other.predicted;
    expected += other.expected;
    return *this;
  }
};

}  // namespace recur
