#include "cli/skip_bad.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/show.h"
#include "cli/terminal.h"

namespace recur {

void list_skip_bad(OptionList& list, bool& skip) {
  list.flag("skip-bad", skip,
            "A record that cannot be read is named on standard error and skipped, and does not end the run; not of "
            "arrays and series");
}

PredictOptions skipping_bad(PredictOptions options, bool skip) {
  if (skip) options.skip_bad = [](const Error& problem) { complain(problem.what()); };
  return options;
}

void say_skipped(const std::string& data, std::size_t count) {
  if (count > 0) complain(fmt::format("{}: skipped: {}", shown_name(data), with_thousands(count)));
}

}  // namespace recur
