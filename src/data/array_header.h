// The headers of arrays.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>

#include "base/file.h"
#include "data/array_reader.h"

namespace recur {

// Reads the header of .npy or IDX; what is left of `bytes` is the elements. Throws Error naming them.
ArrayForm read_array_header(ByteStream& bytes);

// All of a .npy: floats, row after row. Throws Error naming the file that cannot be written.
void write_npy(OutputFile& file, std::initializer_list<std::size_t> shape, std::span<const float> elements);

}  // namespace recur
