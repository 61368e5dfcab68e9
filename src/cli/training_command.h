// What the commands `recur train TASK` have in common: files, resuming, and how a training is shown.
#pragma once

#include <functional>
#include <string>

#include "cli/command.h"
#include "recur/types/training.h"

namespace recur {

// Flags that belong to no job.
struct TrainingFlags {
  bool resume = false;
  std::string config, log;
  std::uint64_t sample_every = 0;  // steps; of language models
};
// --config, --log and --threads; and --resume of a training that can be resumed.
void list_options(OptionList& list, TrainingFlags& flags, bool resumable = true);

// The files that a training reads, as its options and these flags name them.
std::vector<std::string> files_read(OptionList list, TrainingFlags flags);
// Throws Misuse when an output of a training would overwrite one of its inputs.
void check_outputs(const std::string& model, const std::string& log, const std::vector<std::string>& inputs);

struct TrainingCommand {
  std::string task;  // "lm"
  std::string unit;  // what the loss is an average over: "character"
  const std::string& model;
  bool resume = false;
  std::uint64_t patience = 0;
  std::string log;
  bool nats = true;  // the loss is in nats

  // Shows a text that the model wrote after a step, for a label if it has one.
  using Sample = std::function<void(std::uint64_t step, const std::string& label, const std::string& text)>;
  // Trains; calls begin(introduction) when all data has been read and found right, before the first step.
  using Begin = std::function<void(const std::string& introduction)>;
  std::function<TrainingResult(const TrainingHooks& hooks, const Begin& begin, const Sample& sample)> train;
  // Says what came out of it, in place of validation and checkpoint; `signal`: the one that stopped it, if one did.
  std::function<void(const TrainingResult& result, const char* signal)> conclude = {};
};
// --time-limit counts from here.
void start_time_limit();
// With what a training runs, for introductions: "2 threads, AVX2".
std::string machine_text();
// Runs it with progress, log and signals, says what came out of it, and returns the exit code.
int run_training(const TrainingCommand& command);

}  // namespace recur
