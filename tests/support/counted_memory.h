// What the program takes from memory by operator new.
#pragma once

#include <cstddef>

namespace recur {

// How often it has until now.
std::size_t allocations();
// Bytes that it has not given back, as the allocator rounds them.
std::size_t bytes_held();

}  // namespace recur
