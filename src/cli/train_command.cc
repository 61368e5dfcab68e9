// recur train TASK: a table of tasks, a file a task.
#include <array>

#include "cli/commands.h"

namespace recur {
namespace {

constexpr std::array kTasks = {add_train_language_model, add_train_classify, add_train_tag, add_train_translate};

}  // namespace

Command add_train(CLI::App& program) {
  CLI::App* parser = program.add_subcommand("train", "Train a model; say for which task: recur train lm --help");
  std::vector<Command> tasks;
  for (const auto& add : kTasks) {
    tasks.push_back(add(*parser));
    tasks.back().parser->group("Tasks");
  }
  return {parser, [parser, tasks] { return run_given(*parser, tasks); }};
}

}  // namespace recur
