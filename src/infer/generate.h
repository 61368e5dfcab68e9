// Sampling: each output becomes the next input.
#pragma once

#include <functional>
#include <string_view>

#include "tasks/language_model.h"

namespace recur {

// Writes the prompt and what the network continues it with. A piece is written as soon as no part of it can belong to
// the stop text and it ends with a whole character. Throws Error when the prompt holds what the model has never seen.
void generate(LanguageNetwork& network, const Generation& options, const std::function<void(std::string_view)>& write);

}  // namespace recur
