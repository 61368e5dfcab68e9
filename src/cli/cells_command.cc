// recur cells: the zoo.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "recur/cell.h"

namespace recur {
namespace {

int list_cells() {
  std::string text;
  for (const CellInfo* cell : all_cells()) {
    text += (text.empty() ? "" : "\n") + cell->name;
    if (cell->year != 0) text += fmt::format("  {}", cell->year);
    if (!cell->source.empty()) text += "  " + cell->source;
    text += "\n" + indented(cell->equations);
  }
  write_out(text);
  return kDone;
}

}  // namespace

Command add_cells(CLI::App& program) {
  CLI::App* parser = program.add_subcommand(
      "cells",
      "List the recurrent cells, each with its year, source and equations\n"
      "\n"
      "x is the input, h the output and state, c another state; a prime marks the new one. W, U and b are weights.");
  return {parser, list_cells};
}

}  // namespace recur
