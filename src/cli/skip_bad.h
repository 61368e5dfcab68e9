// --skip-bad: records that cannot be read cost themselves only.
#pragma once

#include <cstddef>
#include <string>

#include "cli/command.h"
#include "recur/types/tasks.h"

namespace recur {

void list_skip_bad(OptionList& list, bool& skip);
// The same predictions, but that each bad record is named on standard error and skipped, if it is to be.
PredictOptions skipping_bad(PredictOptions options, bool skip);
// How many there were, on standard error; nothing for none.
void say_skipped(const std::string& data, std::size_t count);

}  // namespace recur
