// What a language model remembers, and what its units do while it reads: `recur inspect` as functions.
//
//   const Model model = Model::load("book.safetensors");
//   for (const StateGradient& s : measure_gradients(model, "other.txt").states) { ... s.norms[10] ... }
//   UnitTrace trace = trace_units(model, "other.txt");
//   trace.values[t * trace.channels + c];  // what trace.groups says of channel c, after token t
//
// Both read a text file (- is standard input) and throw recur::Error on a user's mistake, one line.
//
// Any number of threads may look at one model at once. What is returned are values, which do not need the model.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "recur/model.h"
#include "recur/types/inspection.h"

namespace recur {

// The text is cut into up to 32 streams, and each into windows of `steps` tokens. The loss is that of the prediction at
// a window's last step alone. States are carried from window to window; the first of each stream only fills them, so
// that what is measured never begins from nothing. Up to 32 windows of a stream are measured: 1,024 in all; a short
// text has fewer, and one of less than 2 steps + 1 tokens throws. Nothing is dropped, as in evaluation.
GradientReach measure_gradients(const Model& model, const std::string& path, std::size_t steps = 50);

// Layer after layer: its states, then its gates and activations.
std::vector<UnitGroup> unit_groups(const Model& model);

// The model reads the first `length` tokens of a text, or all if there are fewer, from its states before the first
// step.
UnitTrace trace_units(const Model& model, const std::string& path, std::size_t length = 5000);

}  // namespace recur
