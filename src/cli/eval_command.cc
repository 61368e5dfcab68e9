// recur eval: how well a model predicts a text.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/terminal.h"
#include "recur/language_model.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Score a text with a model: how well it predicts each token from those before\n"
    "\n"
    "Prints one JSON object on standard output: tokens, nats_per_token, bits_per_token, perplexity, and unseen when\n"
    "the text holds characters that the model does not know (they are left out). State is carried through the file.";
constexpr const char* kExamples = "Example:\n  recur eval book.safetensors --data other.txt";

struct Options {
  std::string model, data;
};

int evaluate(const Options& options) {
  const Evaluation e = LanguageModel::load(options.model).evaluate(options.data);
  nlohmann::ordered_json json = {{"tokens", e.tokens},
                                 {"nats_per_token", e.nats_per_token},
                                 {"bits_per_token", e.bits_per_token()},
                                 {"perplexity", e.perplexity()}};
  if (e.unseen > 0) {
    complain(fmt::format("{}: {} tokens that the model has never seen are left out", options.data,
                         with_thousands(e.unseen)));
    json["unseen"] = e.unseen;
  }
  write_out(json.dump() + "\n");
  return kDone;
}

}  // namespace

Command add_eval(CLI::App& program) {
  CLI::App* parser = program.add_subcommand("eval", kDescription)->footer(kExamples);
  const auto options = std::make_shared<Options>();
  add_text(*parser, "MODEL", "FILE", options->model, "The model file")->required();
  add_text(*parser, "--data", "FILE", options->data, "The text; - is standard input")->required();
  add_threads(*parser);
  return {parser, [options] { return evaluate(*options); }};
}

}  // namespace recur
