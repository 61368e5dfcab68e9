#include "io/language_model_file.h"

#include "base/error.h"
#include "base/option_json.h"
#include "tasks/task_options.h"

namespace recur {

using nlohmann::json;

ModelHead head_of(const LanguageNetwork& network) {
  return {kLanguageModelTask,
          {{"model", options_json(network.options())}, {"tokenizer", network.tokenizer().to_json()}}};
}

std::unique_ptr<LanguageNetwork> read_language_network(const ModelFile& file) {
  if (file.task() != kLanguageModelTask) {
    fail("{}: a model of task {}, expected a {}", file.name(), json(file.task()).dump(), kLanguageModelTask);
  }
  const json given = file.part("model");
  const json tokenizer = file.part("tokenizer");
  auto network = file.checked([&] {
    LanguageModelOptions options;
    // Older formats had fewer options; what they lack is as it is by default.
    read_options_of(options, given, file.format() == ModelFile::kFormat);
    return std::make_unique<LanguageNetwork>(options, Tokenizer::from_json(tokenizer));
  });
  file.read_parameters(network->parameters());
  return network;
}

}  // namespace recur
