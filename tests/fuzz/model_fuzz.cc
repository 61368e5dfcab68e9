// Any configuration as that of a model file, with the tensors that it asks for: recur::Error is the only way out but
// success, and then the model can be described, scored and run. The input is JSON: {"task", "model", "text" (a data
// file), "scale" (the weights' size)}.
#include <new>
#include <string>

#include "io/network_file.h"
#include "json_mutator.h"
#include "memory_file.h"
#include "model_bytes.h"
#include "recur/model.h"
#include "recur/types/error.h"

namespace recur {
namespace {

void start(Parameters& parameters, const Json& input) {
  parameters.allocate();
  parameters.initialise(1, std::nullopt);
  const float scale = input.contains("scale") && input["scale"].is_number() ? input["scale"].get<float>() : 1;
  for (float& value : parameters.values()) value *= scale;
}

void run(const std::string& task, const Json& input, const std::string& data) {
  const Json& configuration = input.at("model");
  const auto network = Network::load(task, configuration);
  if (!fits_small_file(network->parameters())) return;
  start(network->parameters(), input);
  const MemoryFile file(model_bytes(task, {{"model", configuration}}, network->parameters()));
  const Model model = Model::load(file.path());
  model.describe();
  PredictOptions options;
  options.max_length = 20;
  options.decode.beam = 2;
  Generation generation;
  generation.length = 3;
  if (task == "language model") model.generate(generation);
  if (task == "conditioned lm") model.generate(generation, "a");
  if (task != "language model")
    model.predict(
        data, [](const Prediction*, std::size_t) {}, options);
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
    recur::run(task, input, text.path());
  } catch (const recur::Error&) {
  } catch (
      const std::bad_alloc&) {  // sizes that no memory holds; memory that a few bytes ask for ends the program here
  }
  return 0;
}
