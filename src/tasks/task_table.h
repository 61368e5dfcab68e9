// The tasks on records, by name.
#pragma once

#include <memory>

#include "recur/task_model.h"
#include "tasks/language_model.h"
#include "tasks/task_network.h"

namespace recur {

// A network for a job's data, with initial parameters. `pretrained`: the language model that the job starts from, or
// null.
std::unique_ptr<TaskNetwork> build_task_network(const TaskJob& job, const InputFile& data, const ReadOptions& reading,
                                                const LanguageNetwork* pretrained);
// Which records of a job's data are held out, where it has no file for validation: drawn by the job's seed, of each
// label its share where records have labels.
std::vector<bool> draw_held_out(const TaskJob& job, const InputFile& data);
// From a model file's configuration, its parameters not yet allocated. Throws Error for a task that this is none of.
std::unique_ptr<TaskNetwork> load_task_network(std::string_view task, const nlohmann::json& configuration);

// Throws Error for a task that this is none of.
TaskOptions standard_options(std::string_view task);

// The language model that a task's options say to start from; empty for none.
std::string pretrained_model(const TaskOptions& options);

}  // namespace recur
