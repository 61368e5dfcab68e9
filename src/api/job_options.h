// The options of whole trainings.
#pragma once

#include "recur/options.h"
#include "recur/task_model.h"

namespace recur {

void list_options(OptionList& list, LanguageModelJob& job);
void list_options(OptionList& list, TaskJob& job);

}  // namespace recur
