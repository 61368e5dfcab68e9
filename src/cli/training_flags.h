// The flags of every `recur train TASK`: how long, by which optimiser, how fast.
#pragma once

#include <CLI/CLI.hpp>

#include "recur/training.h"

namespace recur {

void add_training_flags(CLI::App& task, TrainingOptions& options);

}  // namespace recur
