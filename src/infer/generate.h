// Sampling: each output becomes the next input.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "data/text_field.h"
#include "infer/network_stepper.h"
#include "recur/generation.h"

namespace recur {

// Writes the prompt and what the network, a language model of one text, continues it with. A piece is written as soon
// as no part of it can belong to the stop text and it ends with a whole character. `stepper` is the network's. Throws
// Error when the prompt holds what the model has never seen.
void generate(const Network& network, std::shared_ptr<const NetworkStepper> stepper, const Generation& options,
              const std::function<void(std::string_view)>& write);

// The same of a line, for a label if the network has labels, which the network ends itself if it does so within
// options.length tokens. It writes neither <s> nor <unk>. Throws Error naming --condition, with a list of the labels,
// for one that is none of them.
void generate(const Network& network, std::shared_ptr<const NetworkStepper> stepper, std::string_view label,
              const Generation& options, const std::function<void(std::string_view)>& write);

// The text of a language model of lines; null for another network.
const TextField* line_field(const Network& network);

[[noreturn]] void fail_condition();

}  // namespace recur
