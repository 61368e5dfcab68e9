// The options of include/recur/types/training.h.
#pragma once

#include "recur/types/options.h"
#include "recur/types/training.h"

namespace recur {

// All but `unroll`, which is for those who read one endless text.
void list_options(OptionList& list, TrainingOptions& options);
void list_options(OptionList& list, OptimizerOptions& options);
void list_unroll(OptionList& list, TrainingOptions& options);

}  // namespace recur
