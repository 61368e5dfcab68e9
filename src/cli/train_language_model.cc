// recur train lm: a language model from a text file, or of texts under labels.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "api/job_options.h"
#include "base/show.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/train_records.h"
#include "data/tokenizer.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Train a language model on a text: it learns to predict the next character, byte or word.\n"
    "With --conditioned the data are lines of label<TAB>text, and it learns to write whole texts for a label; then\n"
    "--tokenizer is char, word, token or subword, and the standard is --hidden 256 --embedding 64 --dropout 0.2\n"
    "--lr 0.001 --clip 1.\n"
    "\n"
    "The defaults are good: give the text and wait. The best model so far is in --out; a checkpoint beside it\n"
    "(x.safetensors: x.last.safetensors) lets --resume go on. Ctrl-C saves and stops; twice stops at once.\n"
    "Prints one JSON object on standard output: best_loss (nats a token), epoch, steps, seconds, reason, model.";
constexpr const char* kExamples =
    "Examples:\n"
    "  recur train lm --data book.txt\n"
    "  recur train lm --data book.txt --out book.safetensors --hidden 512 --dropout 0.3 --time-limit 2h\n"
    "  recur train lm --data ptb.train.txt --valid ptb.valid.txt --tokenizer word --optimizer sgd --lr 1 \\\n"
    "      --schedule step --lr-decay 0.5 --lr-decay-after 4 --epochs 13 --batch 20 --unroll 20 --hidden 200\n"
    "  recur train lm --resume --out book.safetensors --epochs 20\n"
    "  recur train lm --conditioned --data tunes.tsv --out tunes.safetensors";

constexpr const char* kConditionedGroup = "With --conditioned";
constexpr std::array kConditionedOnly = {"condition-size", "feed-condition", "subwords",
                                         "batch-tokens",   "max-length",     "drop-long"};

// What the flags of the command write into: help shows it, and each run has a job of its own.
struct State {
  LanguageModelJob job;
  TaskJob conditioned_job = standard_job(ConditionedOptions());
  TrainingFlags flags;
  bool conditioned = false;
  TokenizerKind tokenizer = TokenizerKind::character;  // subword goes with --conditioned
};

void list_own(OptionList& list, State& state) {
  list_options(list, state.flags);
  list.group("Files");
  list.flag("conditioned", state.conditioned, "Records are lines of label<TAB>text");
}

OptionList shown_options(State& state) {
  OptionList job, conditioned, list;
  list_options(job, state.job);
  list_options(conditioned, state.conditioned_job);
  for (const Option& option : job.all()) {
    if (option.name != "tokenizer") {
      list.add(option);
      continue;
    }
    list.group(option.group);
    list.choice("tokenizer", state.tokenizer, "What is predicted; subword only with --conditioned");
  }
  list_own(list, state);
  for (const char* name : kConditionedOnly) {
    Option option = *conditioned.find(name);
    option.group = kConditionedGroup;
    list.add(option);
  }
  return list;
}

// Whether --conditioned was given, or the training that is to be resumed had it.
bool is_conditioned(const State& state, const Given& given) {
  if (state.conditioned) return true;
  const std::string checkpoint = checkpoint_path(state.job.model);
  if (state.flags.resume && task_of_model(checkpoint) == task_name(ConditionedOptions())) return true;
  for (const char* name : kConditionedOnly) {
    if (given.has(name)) throw Misuse(fmt::format("--{}: only goes with --conditioned", name));
  }
  return false;
}

int train_conditioned(State& state, const Given& given) {
  TaskJob job = standard_job(ConditionedOptions());
  OptionList known;
  list_options(known, job);
  list_own(known, state);
  for (const std::string& name : given.unknown_to(known)) {
    throw Misuse(fmt::format("--{}: does not go with --conditioned", name));
  }
  return train_records(job, state.flags, given, "token");
}

// The n-gram model is one layer over embeddings.
void complete_network(LanguageModelJob& job, const Given& given) {
  LanguageModelOptions& o = job.network;
  const bool ngram = o.cell == "ngram";
  if (ngram && !given.has("layers")) o.layers = 1;
  if (given.has("embedding")) return;
  if (has_words(job.tokenizer) || o.tied || ngram) o.embedding = o.tied && o.projection > 0 ? o.projection : o.hidden;
}

std::string unit_of(const LanguageModelJob& job) {
  return job.tokenizer == TokenizerKind::character ? "character" : std::string(to_string(job.tokenizer));
}

std::string introduction(const LanguageModelJob& job, const LanguageModelSummary& s) {
  const LanguageModelOptions& o = job.network;
  const std::string unit = unit_of(job);
  const std::string input =
      o.embedding == 0 ? "one-hot" : fmt::format("embedding {}{}", o.embedding, o.tied ? ", tied" : "");
  const std::string unseen = s.unseen == 0
                                 ? ""
                                 : fmt::format("recur: {}: {} {}s do not occur in the training text and are left out\n",
                                               job.validation, with_thousands(s.unseen), unit);
  return fmt::format("{} {} x {}, {}: {} parameters; {} {}s, vocabulary {}; {} held out; {}\n", o.cell, o.layers,
                     o.hidden, input, with_thousands(s.parameters), with_thousands(s.training_tokens), unit,
                     with_thousands(s.vocabulary), with_thousands(s.validation_tokens), machine_text()) +
         unseen;
}

int train(const TrainingFlags& flags, const Given& given) {
  LanguageModelJob job;
  OptionList list;
  list_options(list, job);
  given.apply(list);
  // Defaults that depend on other flags; a resumed job's come from its checkpoint, under the flags that were given.
  if (flags.resume) {
    job = read_job(job.model);
    given.apply(list);
  } else if (job.data.empty()) {
    throw Misuse("--data FILE is required");
  } else {
    complete_network(job, given);
  }
  check_outputs(job.model, flags.log, {job.data, job.validation});
  TrainingCommand command{"lm", unit_of(job), job.model, flags.resume, job.training.patience, flags.log, {}};
  command.train = [&](const TrainingHooks& hooks, const TrainingCommand::Begin& begin) {
    TrainingResult result;
    LanguageModel::train(
        job, hooks, [&](const LanguageModelSummary& s) { begin(introduction(job, s)); }, &result);
    return result;
  };
  return run_training(command);
}

}  // namespace

Command train_language_model_command() {
  const auto state = std::make_shared<State>();
  Command command{"lm", kDescription, kExamples};
  command.options = shown_options(*state);
  command.run = [state](const Given& given) {
    return is_conditioned(*state, given) ? train_conditioned(*state, given) : train(state->flags, given);
  };
  return command;
}

}  // namespace recur
