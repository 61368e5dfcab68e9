// What commands say of how a translator's outputs are searched for.
#pragma once

#include <string>

#include "cli/command.h"

namespace recur {

// On standard error; nothing for none.
void say_cut_outputs(const std::string& data, std::size_t count);
// Throws Error when a flag of kDecodeGroup was given for a model of another task.
void check_decode_options(const OptionList& list, const Given& given, std::string_view task);

}  // namespace recur
