// recur train TASK.
#include "cli/commands.h"
#include "cli/train_records.h"
#include "cli/train_tasks.h"

namespace recur {

Command train_command() {
  Command command{"train", "Train a model; say for which task: recur train lm --help", ""};
  command.heading = "Tasks";
  command.commands = {train_language_model_command()};
  for (const TaskHelp& help : task_helps()) command.commands.push_back(train_records_command(help));
  return command;
}

}  // namespace recur
