// recur inspect WHAT: what there is to see in a model, a file each.
#include "cli/commands.h"

namespace recur {

Command inspect_command() {
  Command command{"inspect", "Look into a model while it reads: how far back it learns from, what its units follow",
                  ""};
  command.commands = {inspect_gradients_command(), inspect_units_command()};
  command.heading = "Views";
  return command;
}

}  // namespace recur
