#include "cli/train_records.h"

#include <fmt/format.h>

#include <memory>

#include "api/job_options.h"
#include "base/error.h"
#include "base/show.h"
#include "cli/terminal.h"
#include "cli/train_tasks.h"

namespace recur {
namespace {

std::string introduction(const TaskSummary& s, const std::string& data) {
  std::string text = fmt::format("{}, {}: {} parameters; {} records, {} for validation; {}\n", s.network, s.input,
                                 with_thousands(s.parameters), with_thousands(s.training_records),
                                 with_thousands(s.validation_records), machine_text());
  const auto say_long = [&](std::size_t count, const char* what) {
    if (count > 0) text += fmt::format("recur: {}: {} over --max-length {}\n", data, with_thousands(count), what);
  };
  say_long(s.cut, "were cut");
  say_long(s.dropped, "were left out");
  if (!s.vectors.empty()) text += fmt::format("recur: {}\n", s.vectors);
  return text;
}

// The TASK of `recur train TASK` for a model's task.
std::string command_for(std::string_view task) {
  return std::string(task == "language model" || task == "conditioned lm" ? "lm" : task);
}

// The job that is to be resumed.
TaskJob resumed_job(const TaskJob& job) {
  const std::string task = task_of_model(checkpoint_path(job.model));
  if (task != task_name(job.task)) {
    fail("{}: a checkpoint of the task {}; resume with recur train {}", checkpoint_path(job.model), task,
         command_for(task));
  }
  return read_task_job(job.model);
}

}  // namespace

TaskJob standard_job(const TaskOptions& options) {
  TaskJob job;
  job.task = options;
  job.training.schedule.learning_rate = 1e-3F;
  job.training.clipping.limit = 1;
  return job;
}

int train_records(TaskJob job, const TrainingFlags& flags, const Given& given, const std::string& unit) {
  OptionList list;
  list_options(list, job);
  given.apply(list);
  if (flags.resume) {
    job = resumed_job(job);
    given.apply(list);
  } else if (job.data.empty()) {
    throw Misuse("--data FILE is required");
  }
  check_outputs(job.model, flags.log, {job.data, job.validation});
  TrainingCommand command{
      command_for(task_name(job.task)), unit, job.model, flags.resume, job.training.patience, flags.log, {}};
  command.train = [&](const TrainingHooks& hooks, const TrainingCommand::Begin& begin) {
    TrainingResult result;
    TaskModel::train(
        job, hooks, [&](const TaskSummary& s) { begin(introduction(s, job.data)); }, &result);
    return result;
  };
  return run_training(command);
}

Command train_records_command(const TaskHelp& help) {
  struct State {
    TaskJob job;  // what help shows
    TrainingFlags flags;
  };
  const auto state = std::make_shared<State>(State{standard_job(help.standard), {}});
  Command command{help.name, help.description, help.examples};
  list_options(command.options, state->job);
  list_options(command.options, state->flags);
  command.run = [state, help](const Given& given) {
    return train_records(standard_job(help.standard), state->flags, given, help.unit);
  };
  return command;
}

}  // namespace recur
