// The options of include/recur/training.h.
#pragma once

#include "recur/options.h"
#include "recur/training.h"

namespace recur {

// All but `unroll`, which is for those who read one endless text.
void list_options(OptionList& list, TrainingOptions& options);
void list_options(OptionList& list, OptimizerOptions& options);
void list_unroll(OptionList& list, TrainingOptions& options);

}  // namespace recur
