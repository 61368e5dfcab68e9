// How far back the loss of a language network sees; recur/inspect.h has the details.
#pragma once

#include "data/corpus.h"
#include "recur/types/inspection.h"
#include "tasks/network.h"

namespace recur {

// Throws Error if the corpus is too short.
GradientReach measure_gradients(const Network& network, const Corpus& corpus, std::size_t steps);

}  // namespace recur
