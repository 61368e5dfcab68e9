// Named systems of papers: options with a source. A preset's options are flags of `recur train TASK`; what is given
// besides wins over them.
//
// Plain data, which lives as long as the program and any number of threads may read at once.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace recur {

struct Preset {
  std::string_view name;
  std::string_view task;     // of `recur train TASK`
  std::string_view source;   // who, the year, what
  std::string_view data;     // what it was made for
  std::string_view differs;  // in what it is not as in the paper; empty: in nothing that is known
  std::vector<std::pair<std::string_view, std::string_view>> options;
};

// In the order of the tasks.
std::span<const Preset> all_presets();
// Throws Error with the names there are for another, and for one of another task.
const Preset& find_preset(std::string_view name, std::string_view task);

}  // namespace recur
