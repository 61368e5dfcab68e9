// Any configuration as that of a model file, with the tensors that it asks for: recur::Error is the only way out but
// success, and then the model can be described, scored and run. The input is JSON: {"task", "model", "tokenizer" (of a
// language model), "text" (a data file), "scale" (the weights' size)}.
#include <new>
#include <string>

#include "base/option_json.h"
#include "io/language_model_file.h"
#include "json_mutator.h"
#include "memory_file.h"
#include "model_bytes.h"
#include "recur/error.h"
#include "recur/language_model.h"
#include "recur/task_model.h"
#include "tasks/task_options.h"
#include "tasks/task_table.h"

namespace recur {
namespace {

void start(Parameters& parameters, const Json& input) {
  parameters.allocate();
  parameters.initialise(1, std::nullopt);
  const float scale = input.contains("scale") && input["scale"].is_number() ? input["scale"].get<float>() : 1;
  for (float& value : parameters.values()) value *= scale;
}

void run_language_model(const Json& input, const std::string& data) {
  const Json &options = input.at("model"), &tokenizer = input.at("tokenizer");
  LanguageModelOptions read;
  read_options_of(read, options);
  LanguageNetwork network(read, Tokenizer::from_json(tokenizer));
  if (!fits_small_file(network.parameters())) return;
  start(network.parameters(), input);
  const MemoryFile file(
      model_bytes(kLanguageModelTask, {{"model", options}, {"tokenizer", tokenizer}}, network.parameters()));
  const LanguageModel model = LanguageModel::load(file.path());
  model.describe();
  Generation generation;
  generation.length = 3;
  model.generate(generation);
  model.evaluate(data);
}

void run_task(const std::string& task, const Json& input, const std::string& data) {
  const Json& configuration = input.at("model");
  const auto network = load_task_network(task, configuration);
  if (!fits_small_file(network->parameters())) return;
  start(network->parameters(), input);
  const MemoryFile file(model_bytes(task, {{"model", configuration}}, network->parameters()));
  const TaskModel model = TaskModel::load(file.path());
  model.describe();
  PredictOptions options;
  options.max_length = 20;
  options.decode.beam = 2;
  const auto ignore = [](std::string_view) {};
  if (task == "conditioned lm") {
    Generation generation;
    generation.length = 3;
    model.sample("a", generation);
  }
  model.predict(data, ignore, options);
  model.evaluate(data, options);
}

}  // namespace
}  // namespace recur

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const recur::Json input = recur::Json::parse(data, data + size, nullptr, false);
  if (!input.is_object() || !input.contains("task") || !input["task"].is_string() || !input.contains("text") ||
      !input["text"].is_string() || !input.contains("model")) {
    return 0;
  }
  const recur::MemoryFile text(input["text"].get<std::string>());
  const std::string task = input["task"];
  try {
    if (task == recur::kLanguageModelTask && input.contains("tokenizer")) {
      recur::run_language_model(input, text.path());
    } else {
      recur::run_task(task, input, text.path());
    }
  } catch (const recur::Error&) {
  } catch (
      const std::bad_alloc&) {  // sizes that no memory holds; memory that a few bytes ask for ends the program here
  }
  return 0;
}
