// The commands of the program, a file each.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "recur/types/prediction.h"
#include "recur/word_vectors.h"

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
// --knob, and what was given with it, "gain=0.7"; parse_knobs() throws Misuse of what is none.
void list_knobs(OptionList& list, std::vector<std::string>& settings);
std::vector<Knob> parse_knobs(const std::vector<std::string>& settings);
// Throws Misuse where a file that is to be written is one of those that are read.
void check_other_file(const char* flag, const std::string& output, const std::vector<std::string>& inputs);
// Throws Misuse where two files that are to be written are one.
void check_other_output(const char* flag, const std::string& output, const std::string& other);
// Word vectors of a file; says which of its lines are none.
WordVectors load_vectors(const std::string& path);
// --data, which is required.
void list_data(OptionList& list, std::string& path, const char* help);
// The argument MODEL, a model file.
void list_model(OptionList& list, std::string& path);

}  // namespace recur
