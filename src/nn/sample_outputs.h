// Outputs of a decoder that are drawn from its probabilities, not searched for.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "autograd/noise.h"
#include "nn/hypothesis.h"
#include "recur/types/generation.h"

namespace recur {

// options.n_best outputs of each source, in the order in which they are drawn: each token from what `sampling` leaves
// of those that the options let come (sampler.h). They depend on their source's noise alone. Their scores are of the
// decoder's own probabilities.
std::vector<std::vector<Hypothesis>> sample_outputs(BeamDecoder& decoder, std::span<const std::size_t> most_tokens,
                                                    const BeamOptions& options, const SamplingOptions& sampling,
                                                    std::span<const Noise> noise);

}  // namespace recur
