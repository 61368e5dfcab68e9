// recur train TASK.
#include "cli/commands.h"
#include "cli/train_job.h"

namespace recur {

Command train_command() {
  Command command{"train", "Train a model; say for which task: recur train lm --help", ""};
  command.heading = "Tasks";
  command.commands = {train_language_model_command()};
  for (const RegisteredTask& task : all_tasks()) {
    if (!task.help.description.empty()) command.commands.push_back(train_task_command(task));
  }
  command.commands.push_back(train_embedding_command());
  return command;
}

}  // namespace recur
