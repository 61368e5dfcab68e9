// recur train TASK, for the tasks on records.
#pragma once

#include "cli/command.h"
#include "cli/training_command.h"
#include "recur/task_model.h"

namespace recur {

struct TaskHelp;

// A job as it is before any flag.
TaskJob standard_job(const TaskOptions& options);
Command train_records_command(const TaskHelp& help);
// Trains a job with what was given; `unit` is what the loss is an average over: "record".
int train_records(TaskJob job, const TrainingFlags& flags, const Given& given, const std::string& unit);

}  // namespace recur
