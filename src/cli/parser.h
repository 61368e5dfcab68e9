// Command lines, files of flags and help, for a tree of commands. What reads them (CLI11) is seen by parser.cc alone.
#pragma once

#include "cli/command.h"

namespace recur {

// Runs the command that the arguments name and returns its exit code; help and version are commands too. A command
// that has an option "config" reads the file that it names: lines of `flag = value` in TOML or INI, under what the
// command line says. Throws Misuse, its message complete, and what the command throws.
int run_command_line(const Command& program, int argc, const char* const* argv);

}  // namespace recur
