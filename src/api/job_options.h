// The options of whole trainings.
#pragma once

#include "recur/model.h"
#include "recur/types/options.h"

namespace recur {

// Of the kind of its task: of one text or of records.
void list_options(OptionList& list, Job& job);

}  // namespace recur
