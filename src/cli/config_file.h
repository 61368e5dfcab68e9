// Files of flags: lines of `name = value`, as in TOML and INI.
#pragma once

#include <functional>
#include <string>

namespace recur {

struct ConfigReader {
  std::function<bool(const std::string& name)> knows;
  std::function<void(const std::string& name, const std::string& value)> use;  // throws Misuse for a wrong value
};
// Calls use() for every line. Throws Misuse naming file and line of what makes no sense.
void read_config(const std::string& path, const ConfigReader& reader);

}  // namespace recur
