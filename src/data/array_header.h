// The headers of arrays.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

#include "data/array_reader.h"

namespace recur {

// Reads the header of .npy or IDX; what is left of `bytes` is the elements. Throws Error naming them.
ArrayForm read_array_header(ByteStream& bytes);

// What stands before the elements of a .npy: floats, little-endian, row after row.
std::string npy_header(std::initializer_list<std::size_t> shape);

}  // namespace recur
