#include "cli/decode_options.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/show.h"
#include "cli/terminal.h"
#include "tasks/recipe_options.h"

namespace recur {

void say_cut_outputs(const std::string& data, std::size_t count) {
  if (count == 0) return;
  complain(fmt::format("{}: {} outputs were cut before they had ended; --max-output N lets them be longer", data,
                       with_thousands(count)));
}

void check_decode_options(const OptionList& list, const Given& given, std::string_view task) {
  if (task == "translate") return;
  for (const Option& option : list.all()) {
    if (std::string_view(option.group) == kDecodeGroup && given.has(option.name)) {
      fail("--{}: only a model of the task translate has a use for it; this one's task is {}", option.name, task);
    }
  }
}

}  // namespace recur
