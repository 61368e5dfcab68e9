// How probable outputs are to a decoder that are given.
#pragma once

#include <span>
#include <vector>

#include "nn/beam_decoder.h"

namespace recur {

// The log probability of each token of each source's output, after those before it; `begin` is what outputs begin
// after. Outputs have at least a token, which their source may go on with.
std::vector<std::vector<double>> force_outputs(BeamDecoder& decoder, std::span<const std::vector<int>> outputs,
                                               int begin);

}  // namespace recur
