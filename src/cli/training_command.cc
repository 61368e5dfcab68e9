#include "cli/training_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/show.h"
#include "base/threads.h"
#include "cli/commands.h"
#include "cli/metrics_log.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "recur/model.h"
#include "recur/types/simd.h"

namespace recur {
namespace {

std::chrono::steady_clock::time_point time_limit_start;

std::string resume_command(const TrainingCommand& c) {
  const std::string resume = "recur train " + c.task + " --resume";
  return c.model == Job().model ? resume : resume + " --out " + shell_word(c.model);
}

void say_why_stopped(const TrainingCommand& c, const TrainingResult& r, bool reported, const StopSignals& signals) {
  switch (r.reason) {
    case StopReason::interrupted:
      say(fmt::format("{}: stopped after step {}; the checkpoint is {}; go on with: {}\n", signals.name(), r.steps,
                      checkpoint_path(c.model), resume_command(c)));
      break;
    case StopReason::time_limit:
      say(fmt::format("stopped by --time-limit after step {}; to go on: {} --time-limit MORE\n", r.steps,
                      resume_command(c)));
      break;
    case StopReason::patience:
      say(fmt::format("stopped: no better validation in {} epochs\n", c.patience));
      break;
    case StopReason::finished:
      if (c.resume && !reported) say("nothing was left to do; give more --epochs or --steps\n");
      break;
  }
  if (r.validated_share < 1) {
    say(fmt::format("--time-limit left time to validate on {:.0f} % of the data for validation\n",
                    100 * r.validated_share));
  }
}

std::string changes_text(std::uint64_t step, const std::vector<ChangedOption>& options) {
  std::string text = fmt::format("from step {} on:", step + 1);
  const char* separator = " ";
  for (const auto& [name, before, now] : options) {
    text += fmt::format("{}--{} {} (it was {})", separator, name, to_text(now), to_text(before));
    separator = ", ";
  }
  return text + "\n";
}

// step 2,000 writes for "jig":
//   its text
std::string sample_text(std::uint64_t step, const std::string& label, std::string_view text) {
  std::string shown =
      fmt::format("step {} writes{}:", with_thousands(step), label.empty() ? "" : " for " + quote(label));
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    shown += "\n  " + printable(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return shown;
}

void say_best(const TrainingCommand& c, const TrainingResult& r) {
  if (!c.nats) {
    say(fmt::format("best validation loss {:.5g}, epoch {}; model: {}\n", r.best_loss, r.best_epoch, c.model));
  } else if (r.measure != nullptr) {
    say(fmt::format("best validation {} {:.4f} ({:.4f} nats a {}), epoch {}; model: {}\n", r.measure, r.best_measure,
                    r.best_loss, c.unit, r.best_epoch, c.model));
  } else {
    constexpr double kMostNats = 20;  // of a perplexity that says something
    std::string also = fmt::format("{:.4f} bits", r.best_loss / std::log(2.0));
    const bool counts = r.best_loss >= 0 && r.best_loss < kMostNats;  // a density may be above 1
    if (counts) also += fmt::format(", perplexity {:.3f}", std::exp(r.best_loss));
    say(fmt::format("best validation loss {:.4f} nats a {} ({}), epoch {}; model: {}\n", r.best_loss, c.unit, also,
                    r.best_epoch, c.model));
  }
}

void conclude(const TrainingCommand& c, const TrainingResult& r, bool reported, const StopSignals& signals) {
  say_why_stopped(c, r, reported, signals);
  const bool saved = r.best_epoch > 0 || r.reason != StopReason::interrupted;
  if (r.best_epoch > 0) {
    say_best(c, r);
  } else if (saved) {
    say(fmt::format("model, untrained: {}\n", c.model));
  }
  nlohmann::ordered_json json = {{"best_loss", nullptr}, {"epoch", r.best_epoch},         {"steps", r.steps},
                                 {"seconds", r.seconds}, {"reason", to_string(r.reason)}, {"model", nullptr}};
  if (r.best_epoch > 0) json["best_loss"] = r.best_loss;
  if (r.best_epoch > 0 && r.measure != nullptr) json[std::string("best_") + r.measure] = r.best_measure;
  if (saved) json["model"] = c.model;
  write_out(json.dump() + "\n");
}

}  // namespace

void list_options(OptionList& list, TrainingFlags& flags, bool resumable) {
  list.group("Files");
  list.text("config", flags.config, "FILE", "Read flags from a TOML or INI file: hidden = 256").once = true;
  if (resumable) {
    list.flag(
        "resume", flags.resume,
        "Go on from the checkpoint of --out, with its options; how long, rates, clipping and averaging may change");
  }
  list.group("Running");
  list.text("log", flags.log, "FILE", "Write a line of JSON for every report");
  list_threads(list);
}

std::vector<std::string> files_read(OptionList list, TrainingFlags flags) {
  list_options(list, flags);
  std::vector<std::string> files;
  for (const Option& option : list.all()) {
    const std::string_view type = option.type;
    if ((type != "FILE" && type != "MODEL") || option.name == "out" || option.name == "log") continue;
    const OptionValue value = option.get();
    const auto* file = std::get_if<std::string>(&value);
    if (file != nullptr && !file->empty()) files.push_back(*file);
  }
  return files;
}

void check_outputs(const std::string& model, const std::string& log, const std::vector<std::string>& inputs) {
  if (model == "-") throw Misuse("--out: a model is written to a file; expected its name, got -");
  check_other_file("--out", model, inputs);
  check_other_file("--out", checkpoint_path(model), inputs);
  check_other_file("--log", log, inputs);
  if (log.empty()) return;
  for (const std::string& written : {model, checkpoint_path(model)}) check_other_output("--log", log, written);
}

void start_time_limit() { time_limit_start = std::chrono::steady_clock::now(); }

std::string machine_text() {
  return fmt::format("{} thread{}, {}", thread_count(), thread_count() == 1 ? "" : "s", simd_name(simd_level()));
}

int run_training(const TrainingCommand& command) {
  std::optional<StopSignals> signals;
  std::optional<MetricsLog> log;
  std::optional<ProgressDisplay> progress;
  bool reported = false;
  TrainingHooks hooks;
  hooks.report = [&](const TrainingReport& report) {
    reported = true;
    if (log) log->write(report);
    progress->report(report);
  };
  hooks.notice = [](const std::string& text) { complain(text); };
  hooks.changed = [&](std::uint64_t step, const std::vector<ChangedOption>& options) {
    if (log) log->write(step, options);
    say(changes_text(step, options));
  };
  const auto sample = [&](std::uint64_t step, const std::string& label, const std::string& text) {
    if (log) log->write(step, label, text);
    progress->print(sample_text(step, label, text));
  };
  hooks.start = time_limit_start;
  hooks.stop_requested = [&] { return signals->received() != 0; };
  const auto begin = [&](const std::string& introduction) {
    signals.emplace();
    say(introduction);
    if (!command.log.empty()) log.emplace(command.log, command.resume);
    progress.emplace(command.task == "lm" ? "token" : command.unit, command.nats);
  };
  const TrainingResult result = command.train(hooks, begin, sample);
  progress.reset();
  if (command.conclude) {
    command.conclude(result, signals->received() == 0 ? nullptr : signals->name());
  } else {
    conclude(command, result, reported, *signals);
  }
  return result.reason == StopReason::interrupted ? signals->exit_code() : kDone;
}

}  // namespace recur
