// recur inspect WHAT: a table of what there is to see in a model, a file each.
#include <array>

#include "cli/commands.h"

namespace recur {
namespace {

constexpr std::array kViews = {add_inspect_gradients, add_inspect_units};

}  // namespace

Command add_inspect(CLI::App& program) {
  CLI::App* parser = program.add_subcommand(
      "inspect", "Look into a model while it reads: how far back it learns from, what its units follow");
  std::vector<Command> views;
  for (const auto& add : kViews) {
    views.push_back(add(*parser));
    views.back().parser->group("Views");
  }
  return {parser, [parser, views] { return run_given(*parser, views); }};
}

}  // namespace recur
