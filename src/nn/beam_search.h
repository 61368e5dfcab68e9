// Beam search: the most probable outputs of a decoder, found by following the best few beginnings at once.
//
// Where outputs must have runs of tokens, so many beginnings are followed for each number of tokens of these that they
// have (grid beam search: Hokamp & Liu 2017), and an output ends only when it has all.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "nn/beam_decoder.h"
#include "nn/hypothesis.h"

namespace recur {

// The outputs of `sources` sources, best first. most_tokens: of each source, the end among them. Of equal candidates
// the earlier hypothesis and the lower token goes first. An output that has not ended at its most tokens is cut there,
// and comes after all that have; last come those that lack something of what they must have, as those that can go on
// with no token by the options, which end.
std::vector<std::vector<Hypothesis>> beam_search(BeamDecoder& decoder, std::span<const std::size_t> most_tokens,
                                                 const BeamOptions& options);

}  // namespace recur
