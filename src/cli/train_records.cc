#include "cli/train_records.h"

#include <fmt/format.h>

#include "base/error.h"
#include "cli/config_file.h"
#include "cli/flags.h"
#include "cli/terminal.h"
#include "cli/training_flags.h"
#include "data/tokenizer.h"

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
std::string_view command_for(std::string_view task) {
  return task == "language model" || task == "conditioned lm" ? "lm" : task;
}

}  // namespace

TrainRecords::TrainRecords(CLI::App& parser, const TaskOptions& standard, std::string unit,
                           const std::string& data_help)
    : parser_(parser), unit_(std::move(unit)) {
  job_.task = standard;
  job_.training.schedule.learning_rate = 1e-3F;
  job_.training.clipping.limit = 1;
  add_training_files(parser, files_, job_.data, data_help, job_.validation,
                     "Records for validation [one in 20 of --data, drawn by --seed]", job_.model, job_.resume);
  add_length_flags(parser, job_, "Batches and gradients");
  add_training_flags(parser, job_.training);
  add_threads(parser);
}

int TrainRecords::run() {
  if (!files_.config.empty()) apply_config(parser_, files_.config);
  if (job_.resume) {
    const std::string task = task_of_model(checkpoint_path(job_.model));
    if (task != task_name(job_.task)) {
      fail("{}: a checkpoint of the task {}; resume with recur train {}", checkpoint_path(job_.model), task,
           command_for(task));
    }
    job_ = read_task_job(job_.model);
    apply_given_flags(parser_);
  } else if (job_.data.empty()) {
    throw CLI::RequiredError("--data FILE");
  }
  check_outputs(job_.model, files_.log, {job_.data, job_.validation});
  TrainingCommand command{std::string(command_for(task_name(job_.task))),
                          unit_,
                          job_.model,
                          job_.resume,
                          job_.training.patience,
                          files_.log,
                          {}};
  command.train = [this](const TrainingHooks& hooks, const TrainingCommand::Begin& begin) {
    return train(hooks, begin);
  };
  return run_training(command);
}

TrainingResult TrainRecords::train(const TrainingHooks& hooks, const TrainingCommand::Begin& begin) {
  TrainingResult result;
  TaskModel::train(
      job_, hooks, [&](const TaskSummary& s) { begin(introduction(s, job_.data)); }, &result);
  return result;
}

void add_length_flags(CLI::App& parser, TaskJob& job, const std::string& group) {
  add_count(parser, "--batch-tokens", job.batch_tokens, 0, "Tokens of a batch at most; 0: no limit")->group(group);
  add_count(parser, "--max-length", job.max_length, 1, "Longer sequences are cut")->group(group);
  add_switch(parser, "--drop-long", job.drop_long, "Longer sequences are left out instead")->group(group);
}

void add_text_codec_flags(CLI::App& parser, CodecOptions& o, const std::string& prefix) {
  constexpr const char* kTokens = "Tokens";
  constexpr TokenizerKind kKinds[] = {TokenizerKind::word, TokenizerKind::token, TokenizerKind::character,
                                      TokenizerKind::subword};
  add_choice(parser, prefix + "tokenizer", o.kind, kKinds, "What text is cut into")->group(kTokens);
  add_count(parser, prefix + "min-count", o.words.min_count, 0, "Rarer words and characters become <unk>")
      ->group(kTokens);
  add_count(parser, prefix + "max-vocab", o.words.max_vocab, 0, "Keep so many, the most frequent; 0: all")
      ->group(kTokens);
  add_switch(parser, prefix + "lowercase", o.words.lowercase, "Read text in lower case")->group(kTokens);
  add_subwords_flag(parser, o, prefix)->group(kTokens);
}

CLI::Option* add_subwords_flag(CLI::App& parser, CodecOptions& o, const std::string& prefix) {
  return add_count(parser, prefix + "subwords", o.subwords, 8, "subword: the size of the vocabulary", 1'000'000);
}

void add_embedding_flags(CLI::App& parser, std::size_t& width, float& dropout, std::string& vectors) {
  add_count(parser, "--embedding", width, 0, "Width of the input's embedding; 0: one-hot", 1'000'000)->group("Network");
  add_real(parser, "--embedding-dropout", dropout, kShare, "Of whole rows of the embedding")->group("Regularisation");
  add_text(parser, "--embeddings", "FILE", vectors, "Word vectors to start from, of word2vec, GloVe or fastText (.vec)")
      ->group("Start");
}

}  // namespace recur
