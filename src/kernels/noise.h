// Random masks, in parallel, and random numbers: element i is a function of the stream and of its position, whatever
// the number of threads.
#pragma once

#include <cstdint>
#include <span>

#include "base/philox.h"

namespace recur {

// out[i] is `dropped` with probability `rate`, else `kept`; element i draws number `first_position` + i of the stream.
// first_position is a multiple of 4.
void draw_mask(const Random& random, std::uint64_t first_position, float rate, float dropped, float kept,
               std::span<float> out);

// Standard normal numbers (Box & Muller 1958), a block of the stream for each four, from a position that is a multiple
// of 4 on. On the calling thread.
void draw_normal(const Random& random, std::uint64_t first_position, std::span<float> out);

}  // namespace recur
