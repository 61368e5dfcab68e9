// What `recur train TASK` does for every task.
#pragma once

#include <functional>

#include "cli/command.h"
#include "cli/training_command.h"
#include "recur/model.h"

namespace recur {

// A job of a task on records as it is before any flag.
Job standard_job(const TaskOptions& options);
// `recur train TASK` of a task on records.
Command train_task_command(const RegisteredTask& task);

// Trains a job with what was given, or goes on with one. `complete` sets defaults that depend on other flags.
using CompleteJob = std::function<void(Job& job, const Given& given)>;
int train_job(Job job, const TrainingFlags& flags, const Given& given, const CompleteJob& complete = {});

}  // namespace recur
