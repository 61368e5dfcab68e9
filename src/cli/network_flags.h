// The flags of include/recur/network.h, for every command that builds a network.
#pragma once

#include <CLI/CLI.hpp>

#include "recur/network.h"

namespace recur {

void add_recurrent_flags(CLI::App& app, RecurrentOptions& options);

// For networks that read whole sequences.
void add_bidirectional_flag(CLI::App& app, RecurrentOptions& options);

}  // namespace recur
