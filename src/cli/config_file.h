// --config FILE: flags from a file, under the same names.
//
// A line is blank, a comment after '#' or ';', or NAME = VALUE, where a comment may follow behind a blank: what TOML
// and INI have in common. A number, true, false, or a text without blanks and signs stands as it is; any other text in
// 'single quotes', where every character is itself, or in "double quotes", with the escapes of TOML and JSON.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace recur {

// Sets the flags of `app` that the file names and the command line did not give. Throws Error if the file cannot be
// read or is no text, CLI::ParseError naming file and line if it holds anything but flags of `app`.
void apply_config(CLI::App& app, const std::string& path);

}  // namespace recur
