// What the commands `recur train TASK` have in common: files, resuming, and how a training is shown.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "recur/training.h"

namespace recur {

// Flags of files, and those that belong to no job.
struct TrainingFiles {
  std::string config, log;
};
// --data, --valid, --out, --config, --resume and --log.
void add_training_files(CLI::App& parser, TrainingFiles& files, std::string& data, const std::string& data_help,
                        std::string& validation, const std::string& validation_help, std::string& model, bool& resume);

// Calls again what the flags that were given do: over a job that came from a checkpoint.
void apply_given_flags(CLI::App& parser);
// Throws CLI::ParseError when an output of a training would overwrite one of its inputs.
void check_outputs(const std::string& model, const std::string& log, const std::vector<std::string>& inputs);

struct TrainingCommand {
  std::string task;  // "lm"
  std::string unit;  // what the loss is an average over: "character"
  const std::string& model;
  bool resume = false;
  std::uint64_t patience = 0;
  std::string log;

  // Trains; calls begin(introduction) when all data has been read and found right, before the first step.
  using Begin = std::function<void(const std::string& introduction)>;
  std::function<TrainingResult(const TrainingHooks& hooks, const Begin& begin)> train;
};
// With what a training runs, for introductions: "2 threads, AVX2".
std::string machine_text();
// Runs it with progress, log and signals, says what came out of it, and returns the exit code.
int run_training(const TrainingCommand& command);

}  // namespace recur
