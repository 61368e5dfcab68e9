// How fast this machine computes. Each function repeats what it measures: twice to warm up, not counted, then at least
// five times and for at least so many seconds. Threads are those of the library (recur bench --threads). Throws Error
// for options that make no sense.
//
// Safe from any thread, but two measurements at once measure each other. What is returned are values.
#pragma once

#include <cstddef>
#include <vector>

#include "recur/model.h"
#include "recur/types/steps.h"
#include "recur/types/training.h"

namespace recur {

// The seconds of each of some whole training steps of a language model (forward, loss, backward, clipping to norm 5,
// optimiser) on random tokens of a vocabulary of that size.
std::vector<double> time_language_model_steps(const LanguageModelOptions& network, std::size_t vocabulary,
                                              const TrainingOptions& training, double seconds);

// Floating-point operations of the matrix products of one token of such a step, forward and backward: two for each
// weight and each of the three products. A one-hot input has none.
double product_operations(const LanguageModelOptions& network, std::size_t vocabulary);

// The seconds of each of some runs of the recurrent layers alone, on random input as wide as the hidden size.
//
// Training: forward and backward from a gradient of the output that is given (making it is not counted), to the
// gradients of all weights, set to zero before, and of the input. Weights are packed in each run, as in a real step.
std::vector<double> time_recurrent_training(const RecurrentOptions& network, const Steps& steps, double seconds);
// Inference: weights packed before, nothing kept for backward.
std::vector<double> time_recurrent_inference(const RecurrentOptions& network, const Steps& steps, double seconds);
// One sequence whose state is carried from run to run, so many steps at a time. Runs below 0.2 ms are timed together,
// about 2 ms of them: each number is then a mean.
std::vector<double> time_streaming(const RecurrentOptions& network, std::size_t steps, double seconds);

// Floating-point operations of the matrix products of one step of one sequence, forward; training has three times as
// many.
double recurrent_product_operations(const RecurrentOptions& network);

// The peak that products can be compared with: floating-point operations a second, in each of some runs, of
// multiply-adds that stay in registers and do not wait for each other, at the widest SIMD, on so many threads at once.
std::vector<double> measure_peak(std::size_t threads, double seconds);

}  // namespace recur
