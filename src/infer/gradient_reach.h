// How far back the loss of a language network sees; recur/inspect.h has the details.
#pragma once

#include "recur/inspect.h"
#include "tasks/language_model.h"

namespace recur {

// Throws Error if the corpus is too short.
GradientReach measure_gradients(const LanguageNetwork& network, const Corpus& corpus, std::size_t steps);

}  // namespace recur
