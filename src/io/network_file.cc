#include "io/network_file.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/show.h"
#include "data/endless_text_field.h"
#include "io/embedding_file.h"

namespace recur {
namespace {

using nlohmann::json;

// Until format 3 a language model's options and its tokenizer were parts of their own.
json language_configuration(const ModelFile& file) {
  return {{"options", file.part("model")}, {"tokenizer", file.part("tokenizer")}};
}

}  // namespace

ModelHead head_of(const Network& network) { return {network.task(), {{"model", network.configuration().dump()}}}; }

std::unique_ptr<Network> read_network(const ModelFile& file) {
  if (file.task() == kEmbedTask) {
    fail("{}: word vectors, expected a network; see recur neighbours, analogy, eval and info, and --embeddings",
         file.name());
  }
  constexpr std::uint64_t kApart = 3;
  const bool apart = file.task() == "language model" && file.format() <= kApart;
  const json configuration = apart ? language_configuration(file) : file.part("model");
  auto network = file.checked([&] { return Network::load(file.task(), configuration); });
  file.read_parameters(network->parameters());
  return network;
}

std::unique_ptr<Network> read_language_model(const std::string& path) {
  std::unique_ptr<Network> network = read_network(ModelFile(path));
  if (endless_text(network->fields()) != nullptr) return network;
  fail("{}: a model of the task {}, expected a language model of one text", path, network->task());
}

}  // namespace recur
