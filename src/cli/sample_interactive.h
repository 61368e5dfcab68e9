// `recur sample --interactive`.
#pragma once

#include <string>

#include "recur/model.h"

namespace recur {

// Reads lines of standard input as they come, and writes what the model goes on with, each answer on a line of its own
// as soon as it is there. A line that the model cannot read is complained of, and has an empty answer. Returns the exit
// code: whether all could be read.
int sample_interactive(const Model& model, const Generation& options, const std::string& condition);

}  // namespace recur
