#include "io/language_model_file.h"

#include "base/error.h"
#include "io/options_json.h"

namespace recur {

using nlohmann::json;

ModelHead head_of(const LanguageNetwork& network) {
  return {kLanguageModelTask, {{"model", to_json(network.options())}, {"tokenizer", network.tokenizer().to_json()}}};
}

std::unique_ptr<LanguageNetwork> read_language_network(const ModelFile& file) {
  if (file.task() != kLanguageModelTask) {
    fail("{}: a model of task {}, expected a {}", file.name(), json(file.task()).dump(), kLanguageModelTask);
  }
  json options = file.part("model");
  // Older formats had fewer options; what they lack is as it is by default.
  if (file.format() < ModelFile::kFormat && options.is_object()) {
    json complete = to_json(LanguageModelOptions());
    complete.update(options);
    options = complete;
  }
  const json tokenizer = file.part("tokenizer");
  auto network = file.checked([&] {
    return std::make_unique<LanguageNetwork>(language_model_options(options), Tokenizer::from_json(tokenizer));
  });
  file.read_parameters(network->parameters());
  return network;
}

}  // namespace recur
