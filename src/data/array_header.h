// The headers of arrays.
#pragma once

#include "data/array_reader.h"

namespace recur {

// Reads the header of .npy or IDX; what is left of `bytes` is the elements. Throws Error naming them.
ArrayForm read_array_header(ByteStream& bytes);

}  // namespace recur
