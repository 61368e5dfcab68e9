// Sampling: each output becomes the next input.
#pragma once

#include <functional>
#include <string_view>

#include "tasks/conditioned_model.h"
#include "tasks/language_model.h"

namespace recur {

// Writes the prompt and what the network continues it with. A piece is written as soon as no part of it can belong to
// the stop text and it ends with a whole character. Throws Error when the prompt holds what the model has never seen.
void generate(const LanguageNetwork& network, const Generation& options,
              const std::function<void(std::string_view)>& write);

// The same of a text for a label, which the network ends itself if it does so within options.length tokens. It writes
// neither <s> nor <unk>. Throws Error naming --condition, with a list of the labels, for one that is none of them.
void generate(const ConditionedModel& network, std::string_view label, const Generation& options,
              const std::function<void(std::string_view)>& write);

}  // namespace recur
