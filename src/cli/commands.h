// The commands of the program, a file each.
#pragma once

#include "cli/command.h"

namespace recur {

Command train_command();
Command eval_command();
Command predict_command();
Command sample_command();
Command rescore_command();
Command info_command();
Command inspect_command();
Command cells_command();
Command neighbours_command();
Command analogy_command();
Command states_command();
Command nearest_command();
Command average_command();
Command presets_command();
Command bench_command();

// What `recur train` trains, but for the tasks on records (train_job.h).
Command train_language_model_command();
Command train_embedding_command();

// What `recur inspect` shows.
Command inspect_gradients_command();
Command inspect_units_command();

// --threads: sets how many the library uses; by default every core.
void list_threads(OptionList& list);
// Throws Misuse where a file that is to be written is one that is read.
void check_other_file(const char* flag, const std::string& output, const std::string& input);
// The argument MODEL, a model file.
void list_model(OptionList& list, std::string& path);

}  // namespace recur
