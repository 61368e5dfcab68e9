// Drawings as the way of a pen: handwriting, sketches.
//
// Plain data, which any number of threads may read at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace recur {

// The pen draws a line to a point that lies so far from the last one, y going down; after it, it may be lifted, and
// the line to the next point is not drawn.
struct PenStep {
  double dx = 0, dy = 0;
  bool lifts = false;
};

// How a model of strokes draws.
struct Sketching {
  std::size_t count = 1;     // drawings
  std::size_t length = 400;  // steps of each at most
  // Logits of components are divided by it, their variances multiplied; 0: the middle of the largest component, and
  // what the pen most probably does.
  float temperature = 1;
  std::uint64_t seed = 1;  // drawing i is the one that seed + i draws alone
};

}  // namespace recur
