#include "io/model_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/finite.h"
#include "base/json_fields.h"
#include "data/word_vectors.h"

namespace recur {
namespace {

using nlohmann::json;

template <class P, class Visit>
void visit_progress(P& p, const Visit& visit) {
  visit("step", p.step);
  visit("epoch", p.epoch);
  visit("batch", p.batch);
  visit("predictions", p.predictions);
  visit("best_loss", p.best_loss);
  visit("best_measure", p.best_measure);
  visit("best_epoch", p.best_epoch);
  visit("seconds", p.seconds);
}

void transpose(const float* from, std::size_t rows, std::size_t columns, float* to) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
}

// Views of all parameters in the file's layout; those kept transposed are turned into `turned`.
std::vector<TensorView> parameter_views(const Parameters& parameters, std::vector<std::vector<float>>& turned) {
  std::vector<TensorView> views;
  for (const Parameters::Declaration& d : parameters.declarations()) {
    std::span<const float> values = parameters.values().subspan(d.offset, d.size);
    if (d.transposed) {
      std::vector<float>& copy = turned.emplace_back(d.size);
      transpose(values.data(), static_cast<std::size_t>(d.shape[1]), static_cast<std::size_t>(d.shape[0]), copy.data());
      values = copy;
    }
    views.push_back(tensor_view<float>(d.name, d.shape, values));
  }
  return views;
}

std::map<std::string, std::string> metadata(const ModelHead& head, const std::string& provenance) {
  const json recur = {{"format", ModelFile::kFormat}, {"task", head.task}};
  std::map<std::string, std::string> texts = {{"recur", recur.dump()}, {"provenance", provenance}};
  texts.insert(head.parts.begin(), head.parts.end());
  return texts;
}

// Throws Error saying so of a file of word vectors of another format.
SafetensorsFile open_model(const std::string& path) {
  try {
    return SafetensorsFile(path);
  } catch (const Error&) {
    if (!std::filesystem::is_regular_file(path) || !begins_as_vectors(path)) throw;
    fail("{}: word vectors, expected a model; see recur neighbours, analogy, eval and info, and --embeddings", path);
  }
}

std::vector<std::int64_t> vector_shape(std::size_t size) { return {static_cast<std::int64_t>(size)}; }

json to_json(const Average& average) {
  return {{"kind", std::string(to_string(average.kind()))},
          {"count", average.count()},
          {"validations", average.validations()},
          {"begun", average.begun()}};
}

void restore_average(const ModelFile& file, const json& training, const Progress& progress, Average& average) {
  if (!training.contains("average")) return;
  file.checked([&] {
    const ReadFields read{training.at("average")};
    std::string kind;
    read("kind", kind);
    if (kind != to_string(average.kind())) return;
    std::uint64_t count = 0;
    std::vector<double> validations;
    bool begun = false;
    read("count", count);
    read("validations", validations);
    read("begun", begun);
    if (count > progress.step || validations.size() > progress.epoch + 1) {
      fail("its mean is of {} steps and follows {} validations, but its progress is step {}, epoch {}", count,
           validations.size(), progress.step, progress.epoch);
    }
    average.restore(count, std::move(validations), begun);
  });
  if (average.count() == 0) return;
  const std::span<const float> saved = file.finite_floats("average", vector_shape(average.values().size()));
  std::copy(saved.begin(), saved.end(), average.values().begin());
}

}  // namespace

void save_model(const std::string& path, const ModelHead& head, const Parameters& parameters,
                const std::string& provenance) {
  std::vector<std::vector<float>> turned;
  save_model(path, head, parameter_views(parameters, turned), provenance);
}

void save_model(const std::string& path, const ModelHead& head, std::span<const TensorView> tensors,
                const std::string& provenance) {
  write_safetensors(path, metadata(head, provenance), tensors);
}

ModelFile::ModelFile(const std::string& path) : file_(open_model(path)) { read_head(); }

ModelFile::ModelFile(std::span<const std::byte> bytes, std::string name) : file_(bytes, std::move(name)) {
  read_head();
}

void ModelFile::read_head() {
  const json head = part("recur");
  const bool whole = head.is_object() && head.contains("format") && head["format"].is_number_unsigned() &&
                     head.contains("task") && head["task"].is_string();
  if (!whole) fail("{}: not a valid model file: its 'recur' names no format and task", name());
  format_ = head["format"].get<std::uint64_t>();
  task_ = head["task"].get<std::string>();
  if (format_ < kOldestFormat || format_ > kFormat) {
    fail("{}: model format {}, this recur reads formats {} to {}; use the recur that wrote it", name(), format_,
         kOldestFormat, kFormat);
  }
}

json ModelFile::part(const char* key) const {
  const auto entry = file_.metadata().find(key);
  if (entry == file_.metadata().end()) {
    fail("{}: not a recur model: its metadata has no '{}'; expected a file written by recur", name(), key);
  }
  json value = parse_json(entry->second);
  if (value.is_discarded()) fail("{}: not a valid model file: its '{}' is not JSON, or nested too deeply", name(), key);
  return value;
}

json ModelFile::provenance() const {
  json value = part("provenance");
  if (!value.is_object()) fail("{}: not a valid model file: its 'provenance' is not an object", name());
  return value;
}

std::span<const float> ModelFile::finite_floats(std::string_view tensor, std::span<const std::int64_t> shape) const {
  const std::span<const float> values = file_.floats(tensor, shape);
  if (all_finite(values)) return values;
  const auto bad = std::ranges::find_if_not(values, [](float value) { return std::isfinite(value); });
  fail(
      "{}: tensor \"{}\": number {} of {} is {}, expected finite numbers; its training went wrong or the file is "
      "damaged: use another",
      name(), tensor, bad - values.begin() + 1, values.size(), *bad);
}

void ModelFile::read_parameters(Parameters& parameters) const {
  for (const auto& d : parameters.declarations()) file_.floats(d.name, d.shape);
  parameters.allocate();
  for (const auto& d : parameters.declarations()) {
    const std::span<const float> values = finite_floats(d.name, d.shape);
    float* to = parameters.values().data() + d.offset;
    if (d.transposed) {
      transpose(values.data(), static_cast<std::size_t>(d.shape[0]), static_cast<std::size_t>(d.shape[1]), to);
    } else {
      std::copy(values.begin(), values.end(), to);
    }
  }
}

void save_checkpoint(const std::string& path, const ModelHead& head, const Parameters& parameters, Optimizer& optimizer,
                     Average& average, Task& task, const TrainingState& state) {
  std::vector<std::vector<float>> turned;
  std::vector<TensorView> views = parameter_views(parameters, turned);
  for (const auto& [name, values] : optimizer.state()) {
    views.push_back(tensor_view<float>("optimizer." + name, vector_shape(values.size()), values));
  }
  if (average.count() > 0) {
    views.push_back(tensor_view<float>("average", vector_shape(average.values().size()), average.values()));
  }
  const std::span<const float> carried = task.carried_state();
  if (!carried.empty()) views.push_back(tensor_view<float>("carried_state", vector_shape(carried.size()), carried));
  json progress = json::object();
  visit_progress(state.progress, WriteFields{progress});
  WriteFields{progress}("best_share", state.progress.best_share);
  json training = {{"job", json::parse(state.job)},
                   {"data", json::parse(state.data)},
                   {"progress", progress},
                   {"simd", state.simd},
                   {"optimizer_steps", optimizer.steps()}};
  if (average.kind() != AverageKind::none) training["average"] = to_json(average);
  auto texts = metadata(head, json({{"checkpoint", true}}).dump());
  texts["training"] = training.dump();
  write_safetensors(path, texts, views);
}

TrainingState read_training_state(const ModelFile& file) {
  if (!file.has_part("training")) {
    fail("{}: a model, not a training checkpoint; --resume needs the checkpoint beside the model", file.name());
  }
  if (file.format() != ModelFile::kFormat) {
    fail("{}: a checkpoint of an older recur; resume with the recur that wrote it, or train anew", file.name());
  }
  const json training = file.part("training");
  return file.checked([&] {
    for (const char* part : {"job", "data", "progress"}) {
      if (!training.is_object() || !training.contains(part)) fail("its training state has no '{}'", part);
    }
    TrainingState state{training["job"].dump(), training["data"].dump(), {}, {}};
    const json& progress = training["progress"];
    visit_progress(state.progress, ReadFields{progress});
    if (progress.contains("best_share")) ReadFields{progress}("best_share", state.progress.best_share);
    if (training.contains("simd")) ReadFields{training}("simd", state.simd);
    return state;
  });
}

void restore_training(const ModelFile& file, const Progress& progress, Optimizer& optimizer, Average& average,
                      Task& task) {
  const json training = file.part("training");
  std::uint64_t steps = 0;
  file.checked([&] {
    ReadFields{training}("optimizer_steps", steps);
    check_progress(progress, steps, task.batches_per_epoch());
  });
  optimizer.set_steps(steps);
  const auto restore = [&](const std::string& name, std::span<float> to) {
    const std::span<const float> saved = file.finite_floats(name, vector_shape(to.size()));
    std::copy(saved.begin(), saved.end(), to.begin());
  };
  for (const auto& [name, values] : optimizer.state()) restore("optimizer." + name, values);
  restore_average(file, training, progress, average);
  if (!task.carried_state().empty()) restore("carried_state", task.carried_state());
  file.checked([&] {
    optimizer.check_state();
    task.check_carried_state();
  });
}

}  // namespace recur
