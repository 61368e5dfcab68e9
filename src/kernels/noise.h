// Random masks, in parallel: element i is a function of the stream and of its position, whatever the number of threads.
#pragma once

#include <cstdint>
#include <span>

#include "base/philox.h"

namespace recur {

// out[i] is `dropped` with probability `rate`, else `kept`; element i draws number `first_position` + i of the stream.
// first_position is a multiple of 4.
void draw_mask(const Random& random, std::uint64_t first_position, float rate, float dropped, float kept,
               std::span<float> out);

}  // namespace recur
