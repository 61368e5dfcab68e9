// Flags of how a translator's outputs are searched for.
#pragma once

#include <CLI/CLI.hpp>
#include <string_view>

#include "recur/tasks.h"

namespace recur {

inline constexpr const char* kDecodeGroup = "Translation";

// --beam and --length-penalty.
void add_decode_flags(CLI::App& parser, DecodeOptions& options);
// Throws Error when a flag of the group was given for a model of another task.
void check_decode_flags(const CLI::App& parser, std::string_view task);

}  // namespace recur
