// `recur sample --interactive`.
#pragma once

#include <string>

#include "recur/model.h"

namespace recur {

inline constexpr const char* kBetweenTexts = "\f\n";  // which may have empty lines

// Reads lines of standard input as they come, and writes what the model goes on with, each answer on a line of its own
// as soon as it is there, and with `line_ends`, which answers may have, kBetweenTexts behind it. A line that the model
// cannot read is complained of, and has an empty answer. Returns the exit code: whether all could be read.
int sample_interactive(const Model& model, const Generation& options, const std::string& condition, bool line_ends);

}  // namespace recur
