#include "cli/train_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <variant>

#include "api/job_options.h"
#include "api/run_job.h"
#include "base/error.h"
#include "base/file.h"
#include "base/show.h"
#include "cli/terminal.h"
#include "io/epoch_files.h"
#include "recur/types/recipe.h"
#include "tasks/network.h"

namespace recur {
namespace {

// The TASK of `recur train TASK` for a model's task.
const std::string& command_for(const std::string& task) {
  const TaskHelp& help = find_task(task).help;
  return help.command.empty() ? help.name : help.command;
}

// What the loss is an average over.
std::string unit_of(const TaskOptions& task) {
  const auto* language = task.as<LanguageModelOptions>();
  if (language == nullptr) {
    const std::string& unit = find_task(task.task()).help.unit;
    const bool writes = std::holds_alternative<DecoderSpec>(task.make_recipe(InputKind::text).head);
    return writes && unit == TaskHelp().unit ? "token" : unit;
  }
  return language->tokenizer == TokenizerKind::character ? "character" : std::string(to_string(language->tokenizer));
}

std::string introduction(const Job& job, const JobSummary& s) {
  const bool is_text = reads_text(job.task);
  const std::string unit = is_text                                     ? unit_of(job.task)
                           : job.task.as<ForecastOptions>() != nullptr ? "window"
                                                                       : "record";
  std::string text = fmt::format("{}, {}: {} parameters; {} {}s, {} {}; {}\n", s.network, s.input,
                                 with_thousands(s.parameters), with_thousands(s.training), unit,
                                 with_thousands(s.validation), is_text ? "held out" : "for validation", machine_text());
  const auto say = [&](const std::string& data, std::uint64_t count, const std::string& what) {
    if (count > 0) text += fmt::format("recur: {}: {} {}\n", shown_name(data), with_thousands(count), what);
  };
  say(job.data, s.cut, "over --max-length were cut");
  say(job.data, s.dropped, "over --max-length were left out");
  const std::string& valid = job.validation.empty() ? job.data : job.validation;
  say(valid, s.validation_cut, "for validation over --max-length were cut");
  say(valid, s.validation_dropped, "for validation over --max-length were left out");
  say(job.data, s.unlearnable, "records teach nothing: " + s.unlearnable_why);
  say(job.validation, s.unseen, unit + "s do not occur in the training text and are left out");
  if (!s.started_from.empty()) text += fmt::format("recur: {}\n", s.started_from);
  for (const std::string& note : s.notes) text += fmt::format("recur: {}\n", note);
  if (!s.vectors.empty()) text += fmt::format("recur: {}\n", s.vectors);
  return text;
}

// The job that is to be resumed.
Job resumed_job(const Job& job) {
  const std::string path = checkpoint_path(job.model), task = task_of_model(path);
  if (task != job.task.task() && command_for(task) == command_for(job.task.task())) {
    fail("{}: a checkpoint of the task {}, which --resume knows; leave out --{}", path, task,
         job.task.as<ConditionedOptions>() != nullptr ? "conditioned" : "lines");
  }
  if (task != job.task.task()) {
    fail("{}: a checkpoint of the task {}; resume with recur train {}", path, task, command_for(task));
  }
  return read_job(job.model);
}

// What a list's texts are cut into; those that it has no flag for are words.
std::string tokenizer_of(const OptionList& list, const std::string& prefix) {
  const Option* tokenizer = list.find(prefix + "tokenizer");
  return tokenizer == nullptr ? "word" : to_text(tokenizer->get());
}

// Whether an option is about tokens of one kind, and the texts are cut into others.
bool is_of_other_tokens(std::string_view name, const OptionList& own, const OptionList& known) {
  for (const std::string_view about : {"min-count", "max-vocab", "lowercase", "subwords"}) {
    if (!name.ends_with(about)) continue;
    const std::string prefix(name.substr(0, name.size() - about.size()));
    return tokenizer_of(own, prefix) != tokenizer_of(known, prefix);
  }
  return false;
}

// Whether an option of a task is as in a model of the same task that a training starts from: all but those of the
// training itself, and those that say what the data has.
bool is_of_model(std::string_view group) {
  constexpr std::array kOther = {"Regularisation", "Batches and gradients", "Start", "Files", "Task", "Series"};
  return std::ranges::find(kOther, group) == kOther.end();
}

// What makes the layers and cuts texts is as in the model that the job starts from, where both have the option and it
// was not given; in a model of the same task what comes out of it, too.
void adopt_options(Job& job, const Given& given) {
  if (job.start.init_from.empty()) return;
  TaskOptions from = Model::load(job.start.init_from).options();
  const Recipe made = job.task.make_recipe(InputKind::text), known_recipe = from.make_recipe(InputKind::text);
  const bool writes = std::holds_alternative<DecoderSpec>(made.head);
  const bool both_write = writes && std::holds_alternative<DecoderSpec>(known_recipe.head);
  const bool embeds = writes || made.input.size() > 1 || made.condition;
  RecurrentOptions network = known_recipe.network;
  OptionList known, own;
  from.list(known);
  list_bidirectional(known, network);  // which its task may have no flag for
  list_every(known, network);
  job.task.list(own);
  for (const Option& option : own.all()) {
    const std::string_view group = option.group;
    const Option* other = known.find(option.name);
    // What is called attention in another task is the same where both have a decoder.
    if (from.task() != job.task.task() && !both_write && option.name.starts_with("attention")) continue;
    const bool shapes = group == "Network" || group == "Tokens" || group == "Letters" || option.name == "tied";
    if (!(from.task() == job.task.task() ? is_of_model(group) : shapes) || other == nullptr || given.has(option.name))
      continue;
    if (is_of_other_tokens(option.name, own, known)) continue;
    // Not every task can do without an embedding: one-hot is the model's, and not this one's.
    const bool one_hot = option.name == "embedding" && to_text(other->get()) == "0";
    if (one_hot && embeds) continue;
    const std::string expected = option.set(other->get());
    if (expected.empty() || quote_text(other->get()) == quote("byte")) continue;  // which texts take over all the same
    fail("--init-from: {} has --{} {}, and a model of the task {} has {}; give --{}", job.start.init_from, option.name,
         to_text(other->get()), job.task.task(), expected, option.name);
  }
}

}  // namespace

Job standard_job(const TaskOptions& options) {
  Job job;
  job.task = options;
  job.training = find_task(options.task()).help.training;
  return job;
}

int train_job(Job job, const TrainingFlags& flags, const Given& given, const CompleteJob& complete) {
  OptionList list;
  list_options(list, job);
  given.apply(list);
  if (flags.resume) {
    // Its options, under those that were given.
    job = resumed_job(job);
    OptionList resumed;
    list_options(resumed, job);
    given.apply(resumed);
    resumed.check_needs([&](std::string_view name) { return given.has_own(name); });
  } else if (job.data.empty()) {
    throw Misuse("--data FILE is required");
  } else {
    if (complete) complete(job, given);
    adopt_options(job, given);
    for (const Option& option : list.all()) {
      if (given.has_own(option.name)) job.asked.push_back(option.name);
    }
    list.check_needs([&](std::string_view name) { return given.has_own(name); });
  }
  OptionList settled;
  list_options(settled, job);
  const std::vector<std::string> inputs = files_read(settled, flags);
  check_outputs(job.model, flags.log, inputs);
  if (job.data == "-" && job.validation == "-") throw Misuse("--valid: standard input is --data already; give a file");
  if (job.training.keep > 0 && !flags.log.empty() && is_epoch_path(flags.log, job.model)) {
    throw Misuse(fmt::format("--log: {} is the name of a model that --keep writes; give another", flags.log));
  }
  for (const std::string& read : inputs) {
    if (job.training.keep == 0 || !is_epoch_path(read, job.model)) continue;
    fail("--keep: would remove {}, which the training reads; give another --out", read);
  }
  TrainingCommand command{command_for(job.task.task()),
                          unit_of(job.task),
                          job.model,
                          flags.resume,
                          job.training.patience,
                          flags.log,
                          find_task(job.task.task()).help.nats,
                          {}};
  command.train = [&](const TrainingHooks& hooks, const TrainingCommand::Begin& begin,
                      const TrainingCommand::Sample& sample) {
    const auto tell = [&](const JobSummary& s) { begin(introduction(job, s)); };
    return run_job(job, hooks, tell, {flags.sample_every, sample}).result;
  };
  return run_training(command);
}

Command train_task_command(const RegisteredTask& task) {
  struct State {
    Job job;  // what help shows
    TrainingFlags flags;
  };
  const auto state = std::make_shared<State>(State{standard_job(task.standard), {}});
  Command command{task.help.name, task.help.description, task.help.examples};
  list_options(command.options, state->job);
  list_options(command.options, state->flags);
  command.run = [state, task](const Given& given) {
    return train_job(standard_job(task.standard), state->flags, given);
  };
  return command;
}

}  // namespace recur
