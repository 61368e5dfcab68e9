// What a kernel works on within one call and is too large for a stack, which a user's threads may have little of.
#pragma once

#include <cstddef>

namespace recur {

inline constexpr std::size_t kScratchFloats = std::size_t{80} << 10;

// kScratchFloats floats of the calling thread's own, not initialised and aligned to 64 bytes. Taken from memory at its
// first call and kept until the thread ends. Whoever calls it has them until it returns or calls others who do.
float* thread_scratch();

}  // namespace recur
