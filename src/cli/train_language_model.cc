// recur train lm: a language model of a text file, or of lines, perhaps under labels.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "api/job_options.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/train_job.h"

namespace recur {
namespace {

constexpr const char* kLanguageModelDescription =
    "Train a language model on a text: it learns to predict the next character, byte, word or subword.\n"
    "With --lines every line of the data is a text of its own (a name, a tweet, a line of a log), which begins and\n"
    "ends; with --conditioned the data are lines of label<TAB>text, and it learns to write texts for a label. Then\n"
    "--tokenizer is char, word, token or subword, and the standard is --hidden 256 --embedding 64 --dropout 0.2\n"
    "--lr 0.001 --clip 1.\n"
    "\n"
    "The defaults are good: give the text and wait. The best model so far is in --out; a checkpoint beside it\n"
    "(x.safetensors: x.last.safetensors) lets --resume go on. Ctrl-C saves and stops; twice stops at once.\n"
    "Prints one JSON object on standard output: best_loss (nats a token), epoch, steps, seconds, reason, model.";
constexpr const char* kLanguageModelExamples =
    "Examples:\n"
    "  recur train lm --data book.txt\n"
    "  recur train lm --data book.txt --out book.safetensors --hidden 512 --dropout 0.3 --time-limit 2h\n"
    "  recur train lm --data ptb.train.txt --valid ptb.valid.txt --tokenizer word --optimizer sgd --lr 1 \\\n"
    "      --schedule step --lr-decay 0.5 --lr-decay-after 4 --epochs 13 --batch 20 --unroll 20 --hidden 200\n"
    "  recur train lm --resume --out book.safetensors --epochs 20\n"
    "  recur train lm --lines --data names.txt --out names.safetensors\n"
    "  recur train lm --conditioned --data tunes.tsv --out tunes.safetensors";

constexpr const char* kLinesGroup = "With --lines or --conditioned";
constexpr std::array kLinesOnly = {"batch-tokens", "max-length", "drop-long", "format", "columns", "valid-columns"};
constexpr const char* kConditionedGroup = "With --conditioned";
constexpr std::array kConditionedOnly = {"condition-size", "feed-condition"};

// What the flags of the command write into: help shows it, and each run has a job of its own.
struct LanguageModelArguments {
  Job job;
  Job conditioned_job = standard_job(ConditionedOptions());
  TrainingFlags flags;
  bool lines = false, conditioned = false;
};

void list_own(OptionList& list, LanguageModelArguments& state) {
  list_options(list, state.flags);
  list.group("Files");
  list.flag("lines", state.lines, "Records are lines, each a text");
  list.flag("conditioned", state.conditioned, "Records are lines of label<TAB>text");
  list.group("Running");
  list.count("sample-every", state.flags.sample_every, {},
             "Show what the model writes after every N steps, on standard error and in --log; 0: never");
}

OptionList shown_options(LanguageModelArguments& state) {
  OptionList job, conditioned, list;
  list_options(job, state.job);
  list_options(conditioned, state.conditioned_job);
  for (const Option& option : job.all()) list.add(option);
  list_own(list, state);
  const auto add = [&](const char* name, const char* group) {
    Option option = *conditioned.find(name);
    option.group = group;
    list.add(option);
  };
  for (const char* name : kLinesOnly) add(name, kLinesGroup);
  for (const char* name : kConditionedOnly) add(name, kConditionedGroup);
  return list;
}

// What was asked for, or what the training was that is to be resumed.
TaskOptions task_of(const LanguageModelArguments& state, const Given& given) {
  if (state.lines && state.conditioned) throw Misuse("--lines: does not go with --conditioned, whose texts are lines");
  if (state.conditioned) return ConditionedOptions();
  if (state.lines) return LinesOptions();
  if (state.flags.resume) {
    const std::string task = task_of_model(checkpoint_path(state.job.model));
    for (const TaskOptions& kind : {TaskOptions(LinesOptions()), TaskOptions(ConditionedOptions())}) {
      if (kind.task() == task) return kind;
    }
  }
  for (const char* name : kConditionedOnly) {
    if (given.has(name)) throw Misuse(fmt::format("--{}: only goes with --conditioned", name));
  }
  for (const char* name : kLinesOnly) {
    if (given.has(name)) throw Misuse(fmt::format("--{}: only goes with --lines or --conditioned", name));
  }
  return LanguageModelOptions();
}

// A tied embedding is as wide as the layers.
void complete_lines(Job& job, const Given& given) {
  LinesOptions* lines = job.task.as<LinesOptions>();
  if (lines == nullptr) lines = job.task.as<ConditionedOptions>();
  const RecurrentOptions& network = lines->network;
  if (lines->tied && !given.has("embedding")) {
    lines->embedding = network.projection > 0 ? network.projection : network.hidden;
  }
}

// Lines, or lines under labels.
int train_lines(LanguageModelArguments& state, const TaskOptions& task, const Given& given) {
  Job job = standard_job(task);
  OptionList known;
  list_options(known, job);
  list_own(known, state);
  const bool conditioned = task.as<ConditionedOptions>() != nullptr;
  for (const std::string& name : given.unknown_to(known)) {
    throw Misuse(fmt::format("--{}: does not go with --{}", name, conditioned ? "conditioned" : "lines"));
  }
  return train_job(job, state.flags, given, complete_lines);
}

// The n-gram model is one layer over embeddings.
void complete_network(Job& job, const Given& given) {
  LanguageModelOptions& o = *job.task.as<LanguageModelOptions>();
  const bool ngram = o.cell == "ngram";
  if (ngram && !given.has("layers")) o.layers = 1;
  if (given.has("embedding")) return;
  const bool many = o.tokenizer != TokenizerKind::byte && o.tokenizer != TokenizerKind::character;
  if (many || o.tied || ngram) o.embedding = o.tied && o.projection > 0 ? o.projection : o.hidden;
}

}  // namespace

Command train_language_model_command() {
  const auto state = std::make_shared<LanguageModelArguments>();
  Command command{"lm", kLanguageModelDescription, kLanguageModelExamples};
  command.options = shown_options(*state);
  command.run = [state](const Given& given) {
    const TaskOptions task = task_of(*state, given);
    return task.as<LanguageModelOptions>() == nullptr ? train_lines(*state, task, given)
                                                      : train_job(Job(), state->flags, given, complete_network);
  };
  return command;
}

}  // namespace recur
