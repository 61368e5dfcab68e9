#include "api/training_run.h"

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/option_json.h"
#include "base/show.h"
#include "io/epoch_files.h"
#include "recur/types/simd.h"

namespace recur {
namespace {

using nlohmann::json;

// An option that an older checkpoint lacks was as it is by default.
std::vector<ChangedOption> changed_options(const OptionList& job, const OptionList& standard, json before,
                                           const std::string& path) {
  if (!before.is_object()) fail("{}: not a valid model file: its configuration is no object", path);
  const json defaults = to_json(standard);
  std::vector<ChangedOption> changes;
  for (const Option& option : job.all()) {
    if (option.change == Change::silent) continue;
    const json& value = before.contains(option.name) ? before[option.name] : defaults.at(option.name);
    if (value == to_json(option.get())) continue;
    changes.push_back({option.name, option_value(value), option.get()});
    if (option.change == Change::told) continue;
    fail(
        "{}: a checkpoint of another configuration: --{} was {}, now {}; resume with the same options, or train "
        "without --resume",
        path, option.name, quote_text(changes.back().before), quote_text(changes.back().now));
  }
  return changes;
}

}  // namespace

TrainingRun::TrainingRun(const std::string& model, bool resume, const OptionList& job, const OptionList& standard)
    : model_(model), checkpoint_path_(recur::checkpoint_path(model)) {
  const json values = to_json(job);
  check_is_text(values);
  if (resume) {
    checkpoint_ = std::make_unique<ModelFile>(checkpoint_path_);
    state_ = read_training_state(*checkpoint_);
    changes_ = changed_options(job, standard, json::parse(state_.job), checkpoint_path_);
    check_best();
  }
  state_.job = values.dump();
}

void TrainingRun::set_data(const json& counts, const Data& training, const std::optional<Data>& validation) {
  json before = checkpoint_ ? json::parse(state_.data) : json(), hashes = json::object();
  const auto check = [&](const char* key, const Data& data) {
    hashes[key] = fmt::format("{:016x}", data.hash);
    if (!checkpoint_ || !before.is_object() || !before.contains(key)) return;
    if (before[key] != hashes[key]) {
      fail("{}: the data has changed since {} was written; resume with the same file, or train without --resume",
           data.name, checkpoint_path_);
    }
    before.erase(key);
  };
  check("hash of the training file", training);
  if (validation) check("hash of the validation file", *validation);
  if (checkpoint_ && before != counts) {
    fail("{}: the data has changed: it was {}, now {}; resume with the same files, or train without --resume",
         checkpoint_path_, before.dump(), counts.dump());
  }
  json data = counts;
  data.update(hashes);
  state_.data = data.dump();
}

void TrainingRun::check_best() const {
  const std::uint64_t epoch = state_.progress.best_epoch;
  if (epoch == 0) return;
  const auto told = [&](std::string_view what) {
    fail("{}: expected the best model so far, of epoch {}, got {}; put it back, or train without --resume", model_,
         epoch, what);
  };
  if (!std::filesystem::exists(model_)) told("no such file");
  const std::string task = ModelFile(model_).task();
  if (task != checkpoint_->task()) told(fmt::format("a model of the task {}", task));
}

TrainingResult TrainingRun::train(const Model& model, Task& task, const TrainingOptions& options,
                                  const TrainingHooks& hooks) {
  Optimizer optimizer(options.optimizer, model.parameters.count());
  Average average(options.averaging, model.parameters.count());
  if (checkpoint_) restore_training(*checkpoint_, state_.progress, optimizer, average, task);
  const std::string simd = simd_name(simd_level());
  if (!state_.simd.empty() && state_.simd != simd && hooks.notice) {
    hooks.notice(fmt::format(
        "{}: was trained with {}, and goes on with {}: its numbers will differ in their last bits from those of "
        "a run without a break",
        checkpoint_path_, state_.simd, simd));
  }
  state_.simd = simd;
  CheckpointHooks saving;
  saving.save_checkpoint = [&](const Progress& progress) {
    state_.progress = progress;
    save_checkpoint(checkpoint_path_, model.head(), model.parameters, optimizer, average, task, state_);
  };
  saving.save_best = [&](const Progress& progress) {
    save_model(model_, model.head(), model.parameters, model.provenance(progress));
  };
  if (options.keep > 0) {
    saving.save_epoch = [&](const Progress& progress) {
      const std::uint64_t epoch = progress.best_epoch;
      save_model(epoch_path(model_, epoch), model.head(), model.parameters, model.provenance(progress));
      remove_other_epochs(model_, epoch, options.keep);
    };
  }
  saving.sample_every = model.sample ? model.sample_every : 0;
  saving.sample = model.sample;
  if (!changes_.empty() && hooks.changed) hooks.changed(state_.progress.step, changes_);
  const auto clock = [&hooks] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - hooks.start).count();
  };
  const TrainingResult result = recur::train(task, optimizer, average, options, state_.progress, hooks, saving, clock);
  if (result.best_epoch == 0 && result.reason != StopReason::interrupted) {
    save_model(model_, model.head(), model.parameters, model.provenance(state_.progress));
  }
  return result;
}

}  // namespace recur
