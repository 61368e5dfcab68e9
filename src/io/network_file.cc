#include "io/network_file.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/option_json.h"
#include "io/embedding_file.h"
#include "tasks/recipe_options.h"

namespace recur {
namespace {

using nlohmann::json;

// Until format 3 a language model's options, without those of its tokens, and its tokenizer were parts of their own.
// Formats 1 and 2 had fewer options; what they lack is as it is by default.
json language_configuration(const ModelFile& file) {
  constexpr std::uint64_t kWhole = 3;
  LanguageModelOptions options;
  const json given = file.part("model"), tokenizer = file.part("tokenizer");
  file.checked([&] {
    if (file.format() < kWhole) return read_options_of(options, given, false);
    OptionList tokens;
    list_token_options(tokens, options);
    json whole = to_json(tokens);
    if (given.is_object()) whole.update(given);
    read_options_of(options, whole);
  });
  return {{"options", options_json(options)}, {"tokenizer", tokenizer}};
}

}  // namespace

ModelHead head_of(const Network& network) { return {network.task(), {{"model", network.configuration()}}}; }

std::unique_ptr<Network> read_network(const ModelFile& file) {
  if (file.task() == kEmbedTask) {
    fail("{}: word vectors, expected a network; see recur neighbours, analogy, eval and info", file.name());
  }
  constexpr std::uint64_t kApart = 3;
  const bool apart = file.task() == "language model" && file.format() <= kApart;
  const json configuration = apart ? language_configuration(file) : file.part("model");
  auto network = file.checked([&] { return Network::load(file.task(), configuration); });
  file.read_parameters(network->parameters());
  return network;
}

}  // namespace recur
