// What benchmarks count of a stack of recurrent layers.
#pragma once

#include <cstddef>

#include "nn/recurrent_stack.h"

namespace recur {

// How many weights a step of one sequence is multiplied with. Of a one-hot input a weight is only read.
std::size_t weights_multiplied(const RecurrentStack& stack);

}  // namespace recur
