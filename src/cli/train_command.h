#pragma once

#include "cli/command.h"

namespace recur {

Command train_language_model_command();

}  // namespace recur
