// --config FILE: flags from a file, TOML or INI, under the same names: "hidden = 256".
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace recur {

// Sets the flags of `app` that the file names and the command line did not give. Throws Error if the file cannot be
// read, CLI::ParseError naming the file if it holds anything but flags of `app`.
void apply_config(CLI::App& app, const std::string& path);

}  // namespace recur
