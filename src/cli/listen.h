// recur predict --listen.
#pragma once

#include <string>

#include "recur/model.h"

namespace recur {

// Reads raw samples from a file, or - for standard input, as they come, and writes what the model hears; at the end
// says on standard error how far behind it was. Returns the exit code.
int listen(const Model& model, const std::string& data);

}  // namespace recur
