// How fast this machine trains.
#pragma once

#include <cstddef>
#include <vector>

#include "recur/language_model.h"
#include "recur/training.h"

namespace recur {

// The seconds of each of some whole training steps of a language model (forward, loss, backward, clipping to norm 5,
// optimiser) on random tokens of a vocabulary of that size: a few to warm up, not counted, then at least five and for
// at least so many seconds. Throws Error for options that make no sense.
std::vector<double> time_language_model_steps(const LanguageModelOptions& network, std::size_t vocabulary,
                                              const TrainingOptions& training, double seconds);

// Floating-point operations of the matrix products of one token of such a step, forward and backward: two for each
// weight and each of the three products. A one-hot input has none.
double product_operations(const LanguageModelOptions& network, std::size_t vocabulary);

}  // namespace recur
