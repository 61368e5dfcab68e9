// What the commands that train a task on records have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/training_command.h"
#include "recur/task_model.h"

namespace recur {

class TrainRecords {
 public:
  // Adds all flags but the task's own. `unit` is what the loss is an average over: "record".
  TrainRecords(CLI::App& parser, const TaskOptions& standard, std::string unit, const std::string& data_help);
  TrainRecords(const TrainRecords&) = delete;
  TrainRecords& operator=(const TrainRecords&) = delete;

  // The job that flags write into; its task stays of one type.
  TaskJob& job() { return job_; }
  int run();

 private:
  TrainingResult train(const TrainingHooks& hooks, const TrainingCommand::Begin& begin);

  CLI::App& parser_;
  std::string unit_;
  TaskJob job_;
  TrainingFiles files_;
};

// --batch-tokens, --max-length and --drop-long.
void add_length_flags(CLI::App& parser, TaskJob& job, const std::string& group);
// How text becomes tokens. `prefix` comes before the flags' names, for a second text: "--target-".
void add_text_codec_flags(CLI::App& parser, CodecOptions& options, const std::string& prefix = "--");
CLI::Option* add_subwords_flag(CLI::App& parser, CodecOptions& options, const std::string& prefix);
// --embedding, --embedding-dropout and --embeddings.
void add_embedding_flags(CLI::App& parser, std::size_t& width, float& dropout, std::string& vectors);

}  // namespace recur
