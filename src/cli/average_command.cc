// recur average: one model of several.
#include <memory>

#include "cli/commands.h"
#include "recur/average.h"

namespace recur {
namespace {

constexpr const char* kAverageDescription =
    "Average the parameters of several models of one configuration\n"
    "\n"
    "Those of the last epochs of a training, which recur train --keep N leaves beside its best, are often better\n"
    "together than the best alone. What differs between the models that are given, in task, options or vocabulary, is\n"
    "an error.";
constexpr const char* kAverageExamples =
    "Examples:\n"
    "  recur train translate --data pairs.tsv --out pairs.safetensors --keep 5\n"
    "  recur average pairs.epoch-*.safetensors --out mean.safetensors";

struct AverageArguments {
  std::vector<std::string> models;
  std::string out;
};

}  // namespace

Command average_command() {
  const auto options = std::make_shared<AverageArguments>();
  Command command{"average", kAverageDescription, kAverageExamples};
  Option& models = command.options.texts("MODEL", options->models, "FILE", "The model files");
  models.argument = models.required = true;
  command.options.text("out", options->out, "FILE", "The model file that is written").required = true;
  command.run = [options](const Given&) {
    if (options->models.size() < 2) throw Misuse("MODEL: expected two files or more, got 1");
    check_other_file("--out", options->out, options->models);
    average_models(options->models, options->out);
    return kDone;
  };
  return command;
}

}  // namespace recur
