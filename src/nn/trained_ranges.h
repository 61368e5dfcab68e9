// Which of a network's parameters are trained, and at what rate.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/parameters.h"
#include "recur/types/training.h"

namespace recur {

// In an epoch, counted from 0 and of `steps` steps each; the head's parameters are those declared from `first_head` on.
// In order; empty: all, at the learning rate and from the beginning. Throws Error naming the flag of a pattern that
// makes no sense or that no parameter has, or if none is left to be trained.
std::vector<TrainedRange> trained_ranges(const Parameters& parameters, Parameters::Id first_head,
                                         const StartOptions& start, std::uint64_t epoch, std::uint64_t steps);

}  // namespace recur
