// How far back the loss of a language network sees; recur/inspect.h has the details.
#pragma once

#include "recur/inspect.h"
#include "tasks/language_model.h"

namespace recur {

// The gradients of the network's parameters are what they were when it returns. Throws Error if the corpus is too
// short.
GradientReach measure_gradients(LanguageNetwork& network, const Corpus& corpus, std::size_t steps);

}  // namespace recur
