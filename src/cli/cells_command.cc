// recur cells: the zoo.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "recur/types/cell.h"

namespace recur {
namespace {

// Cells that differ only in which gates have something are one entry.
int list_cells() {
  std::string text;
  const std::vector<const CellInfo*> cells = all_cells();
  for (std::size_t first = 0, last = 0; first < cells.size(); first = last) {
    const CellInfo& cell = *cells[first];
    std::string variants;
    for (last = first + 1; last < cells.size(); ++last) {
      if (cell.equations.empty() || cells[last]->equations != cell.equations) break;
      variants += (variants.empty() ? "  and " : ", ") + cells[last]->name;
    }
    text += (text.empty() ? "" : "\n") + cell.name;
    if (cell.year != 0) text += fmt::format("  {}", cell.year);
    if (!cell.source.empty()) text += "  " + cell.source;
    if (!variants.empty()) text += "\n" + variants;
    text += "\n" + indented(cell.equations);
  }
  write_out(text);
  return kDone;
}

}  // namespace

Command cells_command() {
  Command command{
      "cells",
      "List the recurrent cells, each with its year, source and equations\n"
      "\n"
      "x is the input, h the output and state, other letters other states; a prime marks the new one. W, U, V "
      "and b are\n"
      "weights: where one letter stands in several gates, each has its own.",
      ""};
  command.run = [](const Given&) { return list_cells(); };
  return command;
}

}  // namespace recur
