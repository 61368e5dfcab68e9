// What include/recur/task_model.h promises, put together from the floors below.
#include "recur/task_model.h"

#include <cmath>
#include <optional>
#include <utility>

#include "api/describe.h"
#include "api/job_options.h"
#include "api/training_run.h"
#include "base/error.h"
#include "base/finite.h"
#include "base/option_json.h"
#include "infer/generate.h"
#include "io/language_model_file.h"
#include "tasks/conditioned_model.h"
#include "tasks/held_out.h"
#include "tasks/records_task.h"
#include "tasks/task_table.h"

namespace recur {
namespace {

using nlohmann::json;

std::string lower_name(const RecurrentOptions& o) {
  return fmt::format("{} {} x {}{}", o.cell, o.layers, o.hidden, o.bidirectional ? " in both directions" : "");
}

ModelHead head_of(const TaskNetwork& network) {
  return {std::string(network.task()), {{"model", network.configuration()}}};
}

std::unique_ptr<TaskNetwork> read_task_network(const ModelFile& file) {
  if (file.task() == kLanguageModelTask) {
    fail("{}: a language model, expected a model of a task such as classify", file.name());
  }
  const json configuration = file.part("model");
  auto network = file.checked([&] { return load_task_network(file.task(), configuration); });
  file.read_parameters(network->parameters());
  return network;
}

Provenance provenance_of(const TaskJob& job, const Progress& progress, std::size_t records) {
  const std::string drawn = fmt::format("one record in {}, drawn by the seed", kHeldOut);
  Provenance provenance = {{"recur", RECUR_VERSION},    {"data", job.data},
                           {"records", records},        {"validation", job.validation.empty() ? drawn : job.validation},
                           {"step", progress.step},     {"epoch", progress.best_epoch},
                           {"seed", job.training.seed}, {"valid_nats", progress.best_loss}};
  if (std::isfinite(progress.best_measure)) provenance["valid_measure"] = progress.best_measure;
  return provenance;
}

[[noreturn]] void fail_empty(const InputFile& file, const TaskNetwork& network) {
  fail("{}: no records; expected {}", file.name(), network.format());
}

}  // namespace

TaskJob read_task_job(const std::string& model) {
  const ModelFile file(checkpoint_path(model));
  const TrainingState state = read_training_state(file);
  return file.checked([&] {
    TaskJob job;
    job.task = standard_options(file.task());
    read_options_of(job, state.job);
    job.model = model;
    job.resume = true;
    return job;
  });
}

std::string task_of_model(const std::string& path) { return ModelFile(path).task(); }

TaskModel::TaskModel(std::unique_ptr<const TaskNetwork> network, std::string provenance)
    : network_(std::move(network)), provenance_(std::move(provenance)) {}
TaskModel::~TaskModel() = default;
TaskModel::TaskModel(TaskModel&&) noexcept = default;
TaskModel& TaskModel::operator=(TaskModel&&) noexcept = default;

TaskModel TaskModel::load(const std::string& path) {
  const ModelFile file(path);
  auto network = read_task_network(file);
  return TaskModel(std::move(network), file.provenance().dump());
}

TaskModel TaskModel::train(const TaskJob& job, const TrainingHooks& hooks,
                           const std::function<void(const TaskSummary&)>& begin, TrainingResult* result) {
  TaskJob listed = job;
  OptionList options;
  list_options(options, listed);
  options.check();
  TrainingRun run(job.model, job.resume, options);
  const bool hold_out = job.validation.empty();
  ReadOptions reading{{job.max_length, job.drop_long}, true, hold_out ? RecordPart::training : RecordPart::all, false};
  const InputFile data(job.data);
  if (hold_out) reading.held_out = draw_held_out(job, data);
  std::unique_ptr<TaskNetwork> network;
  if (run.checkpoint() != nullptr) {
    network = read_task_network(*run.checkpoint());
  } else {
    const std::string path = pretrained_model(job.task);
    std::unique_ptr<LanguageNetwork> pretrained;
    if (!path.empty()) pretrained = read_language_network(ModelFile(path));
    network = build_task_network(job, data, reading, pretrained.get());
  }
  const auto training = network->read(data, reading);
  reading.part = hold_out ? RecordPart::held_out : RecordPart::all;
  reading.keep_text = true;
  std::optional<InputFile> other;
  if (!hold_out) other.emplace(job.validation);
  const auto validation = network->read(hold_out ? data : *other, reading);
  if (training->size() == 0 && training->dropped > 0) fail_all_long(data, *training, reading.length);
  if (training->size() == 0) fail_empty(data, *network);
  if (validation->size() == 0 && hold_out) {
    fail("{}: {} records are too few to hold out one in {} for validation; give more, or --valid FILE", data.name(),
         training->size(), kHeldOut);
  }
  if (validation->size() == 0 && validation->dropped > 0) fail_all_long(*other, *validation, reading.length);
  if (validation->size() == 0) fail_empty(*other, *network);
  run.set_data({{"records for training", training->size()},
                {hold_out ? "records drawn for validation" : "records for validation", validation->size()}},
               data, other ? &*other : nullptr);

  RecordsTask task(*network, *training, *validation, {job.training.batch, job.batch_tokens}, job.training.seed);
  if (begin) {
    std::string layers;
    for (const auto& [name, stack] : network->stacks()) {
      layers += (layers.empty() ? "" : ", ") + (name.empty() ? "" : name + " ") + lower_name(stack->options());
    }
    begin({training->size(), validation->size(), training->cut, training->dropped, network->parameters().count(),
           layers, network->description().front().second, network->vectors()});
  }
  const auto provenance = [&](const Progress& progress) { return provenance_of(job, progress, training->size()); };
  const TrainingResult outcome =
      run.train({head_of(*network), network->parameters(), provenance}, task, job.training, hooks);
  if (result != nullptr) *result = outcome;
  if (outcome.best_epoch > 0) return load(job.model);
  return TaskModel(std::move(network), provenance({}).dump());
}

std::string_view TaskModel::task() const { return network_->task(); }
std::size_t TaskModel::parameters() const { return network_->parameters().count(); }

std::string TaskModel::describe() const {
  json about = {{"task", network_->task()},
                {"parameters", parameters()},
                {"tensors", describe_tensors(network_->parameters())},
                {"provenance", json::parse(provenance_)}};
  json layers = json::array();
  for (const auto& [name, stack] : network_->stacks()) {
    for (json& layer : describe_layers(*stack)) {
      if (!name.empty()) layer["part"] = name;
      layers.push_back(layer);
    }
  }
  about["layers"] = layers;
  json description = json::array();
  for (const auto& [name, text] : network_->description()) description.push_back({name, text});
  about["description"] = description;
  about["model"] = network_->configuration()["options"];
  return about.dump(2);
}

std::string TaskModel::evaluate(const std::string& path, const PredictOptions& options) const {
  const InputFile file(path);
  const auto records = network_->read(file, {{options.max_length, false}, true, RecordPart::all});
  if (records->size() == 0) fail_empty(file, *network_);
  RecordsScore score = network_->evaluate(*records, options.decode);
  check_result(score.loss.nats, "the loss");
  if (records->cut > 0) score.metrics["cut"] = records->cut;
  return score.metrics.dump();
}

Predicted TaskModel::predict(const std::string& path, const std::function<void(std::string_view)>& write,
                             const PredictOptions& options) const {
  const InputFile file(path);
  const auto records = network_->read(file, {{options.max_length, false}, false, RecordPart::all});
  const std::size_t cut_outputs = network_->predict(*records, options, write);
  return {records->cut, cut_outputs};
}

void TaskModel::sample(std::string_view condition, const Generation& options,
                       const std::function<void(std::string_view)>& write) const {
  const auto* network = dynamic_cast<const ConditionedModel*>(network_.get());
  if (network == nullptr) fail("a model of the task {} writes no texts; expected one of conditioned lm", task());
  generate(*network, condition, options, write);
}

std::string TaskModel::sample(std::string_view condition, const Generation& options) const {
  std::string text;
  sample(condition, options, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace recur
