#include "io/model_file.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "io/options_json.h"
#include "io/safetensors.h"

namespace recur {
namespace {

using nlohmann::json;

// Format 1 (0.1.0) had fewer options; what it lacks is as it is by default.
constexpr std::uint64_t kFormat = 2, kOldestFormat = 1;
constexpr const char* kTask = "language model";

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

std::map<std::string, std::string> metadata(const LanguageNetwork& network, const Provenance& provenance) {
  const json head = {{"format", kFormat}, {"task", kTask}};
  return {{"recur", head.dump()},
          {"model", to_json(network.options()).dump()},
          {"tokenizer", network.tokenizer().to_json().dump()},
          {"provenance", provenance.dump()}};
}

json parse_metadata(const SafetensorsFile& file, const char* key) {
  const auto entry = file.metadata().find(key);
  if (entry == file.metadata().end()) {
    fail("{}: not a recur model: its metadata has no '{}'; expected a file written by recur", file.name(), key);
  }
  json value = json::parse(entry->second, nullptr, false);
  if (value.is_discarded()) fail("{}: not a valid model file: its '{}' is not JSON", file.name(), key);
  return value;
}

std::uint64_t read_format(const SafetensorsFile& file) {
  const json head = parse_metadata(file, "recur");
  const bool whole = head.is_object() && head.contains("format") && head["format"].is_number_unsigned() &&
                     head.contains("task") && head["task"].is_string();
  if (!whole) fail("{}: not a valid model file: its 'recur' names no format and task", file.name());
  const auto format = head["format"].get<std::uint64_t>();
  if (format < kOldestFormat || format > kFormat) {
    fail("{}: model format {}, this recur reads formats {} to {}; use the recur that wrote it", file.name(), format,
         kOldestFormat, kFormat);
  }
  if (head["task"] != kTask) fail("{}: a model of task {}, expected a {}", file.name(), head["task"].dump(), kTask);
  return format;
}

// What reading a part of the file says is wrong, said of the file.
template <class ReadPart>
auto in_file(const SafetensorsFile& file, const ReadPart& read_part) {
  try {
    return read_part();
  } catch (const Error& error) {
    fail("{}: not a valid model file: {}", file.name(), error.what());
  }
}

std::unique_ptr<LanguageNetwork> read_network(const SafetensorsFile& file) {
  const std::uint64_t format = read_format(file);
  const json tokenizer = parse_metadata(file, "tokenizer");
  json options = parse_metadata(file, "model");
  if (format == kOldestFormat && options.is_object()) {
    json complete = to_json(LanguageModelOptions());
    complete.update(options);
    options = complete;
  }
  auto network = in_file(file, [&] {
    return std::make_unique<LanguageNetwork>(language_model_options(options), Tokenizer::from_json(tokenizer));
  });
  // All shapes are checked before memory is taken: a wrong size cannot ask for more than the file holds.
  Parameters& parameters = network->parameters();
  for (const auto& d : parameters.declarations()) file.floats(d.name, d.shape);
  parameters.allocate();
  for (const auto& d : parameters.declarations()) {
    const std::span<const float> values = file.floats(d.name, d.shape);
    float* to = parameters.values().data() + d.offset;
    if (d.transposed) {
      transpose(values.data(), static_cast<std::size_t>(d.shape[0]), static_cast<std::size_t>(d.shape[1]), to);
    } else {
      std::copy(values.begin(), values.end(), to);
    }
  }
  return network;
}

std::vector<std::int64_t> vector_shape(std::size_t size) { return {static_cast<std::int64_t>(size)}; }

}  // namespace

void save_model(const std::string& path, const LanguageNetwork& network, const Provenance& provenance) {
  std::vector<std::vector<float>> turned;
  write_safetensors(path, metadata(network, provenance), parameter_views(network.parameters(), turned));
}

LoadedModel load_model(const std::string& path) {
  const SafetensorsFile file(path);
  auto network = read_network(file);
  return {std::move(network), parse_metadata(file, "provenance")};
}

void save_checkpoint(const std::string& path, const LanguageNetwork& network, Optimizer& optimizer, Task& task,
                     const TrainingState& state) {
  std::vector<std::vector<float>> turned;
  std::vector<TensorView> views = parameter_views(network.parameters(), turned);
  for (const auto& [name, values] : optimizer.state()) {
    views.push_back(tensor_view<float>("optimizer." + name, vector_shape(values.size()), values));
  }
  const std::span<const float> carried = task.carried_state();
  views.push_back(tensor_view<float>("carried_state", vector_shape(carried.size()), carried));
  auto texts = metadata(network, {{"checkpoint", true}});
  json training = {{"job", to_json(state.job)},
                   {"progress", to_json(state.progress)},
                   {"optimizer_steps", optimizer.steps()},
                   {"training_tokens", state.training_tokens},
                   {"validation_tokens", state.validation_tokens}};
  texts["training"] = training.dump();
  write_safetensors(path, texts, views);
}

namespace {

std::uint64_t count_of(const json& object, const char* name) {
  if (!object.is_object() || !object.contains(name) || !object[name].is_number_unsigned()) {
    fail("its training state has no '{}'", name);
  }
  return object[name].get<std::uint64_t>();
}

}  // namespace

LoadedCheckpoint load_checkpoint(const std::string& path) {
  const SafetensorsFile file(path);
  LoadedCheckpoint loaded;
  loaded.network = read_network(file);
  if (read_format(file) != kFormat) {
    fail("{}: a checkpoint of an older recur; resume with the recur that wrote it, or train anew", path);
  }
  if (!file.metadata().contains("training")) {
    fail("{}: a model, not a training checkpoint; --resume needs the checkpoint beside the model", path);
  }
  const json training = parse_metadata(file, "training");
  loaded.state = in_file(file, [&] {
    TrainingState state;
    state.training_tokens = count_of(training, "training_tokens");
    state.validation_tokens = count_of(training, "validation_tokens");
    if (!training.contains("job") || !training.contains("progress")) fail("its training state is incomplete");
    state.job = language_model_job(training["job"]);
    state.progress = progress(training["progress"]);
    return state;
  });
  return loaded;
}

void restore_training(const std::string& path, Optimizer& optimizer, Task& task) {
  const SafetensorsFile file(path);
  const json training = parse_metadata(file, "training");
  optimizer.set_steps(in_file(file, [&] { return count_of(training, "optimizer_steps"); }));
  for (const auto& [name, values] : optimizer.state()) {
    const std::span<const float> saved = file.floats("optimizer." + name, vector_shape(values.size()));
    std::copy(saved.begin(), saved.end(), values.begin());
  }
  const std::span<float> carried = task.carried_state();
  const std::span<const float> saved = file.floats("carried_state", vector_shape(carried.size()));
  std::copy(saved.begin(), saved.end(), carried.begin());
}

}  // namespace recur
