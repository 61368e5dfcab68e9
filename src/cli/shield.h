// The values that a user gives, as the flag parser may see them. CLI11 gives brackets, braces, commas, quotes and empty
// texts meanings of their own, each version others; a shielded value has none of them and comes back byte for byte.
#pragma once

#include <string>
#include <string_view>

namespace recur {

// Letters, digits and "-./" stay; any other byte is '_' and two hexadecimal digits; the empty text is "_".
std::string shield(std::string_view value);
// What shield() was given.
std::string unshield(std::string_view shielded);

// An argument of the command line: a value, a command, the name of a flag, or --name=value.
std::string shield_argument(std::string_view argument);

}  // namespace recur
