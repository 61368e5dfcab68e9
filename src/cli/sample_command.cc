// recur sample: a model writes, or draws.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/decode_options.h"
#include "cli/sample_pictures.h"
#include "cli/terminal.h"
#include "recur/model.h"
#include "recur/recipe.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Let a model write: it continues the prompt, token by token; or draw\n"
    "\n"
    "The text, prompt first, streams to standard output. The same seed gives the same text. A model that was trained\n"
    "with --lines writes one, with --conditioned one for a label, and ends it itself. One of the task draw draws\n"
    "pictures, which go into files (PNG): as they are in the end, side by side, and how they came about.";
constexpr const char* kExamples =
    "Examples:\n"
    "  recur sample book.safetensors --length 1000\n"
    "  recur sample book.safetensors --prompt \"In the beginning\" --temperature 0.7 --seed 7\n"
    "  recur sample book.safetensors --prompt - --stop \".\" < prompt.txt\n"
    "  recur sample names.safetensors --seed 2\n"
    "  recur sample tunes.safetensors --condition jig\n"
    "  recur sample digits.safetensors --n 64 --out grid.png --canvas steps.png";

constexpr std::size_t kMostOfLine = 10'000;  // tokens, if not told

struct Options {
  std::string model, condition;
  Generation generation;
  PictureOptions pictures;
};

std::string read_standard_input() {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count == 0) return text;
    if (count > 0) {
      text.append(buffer, static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      fail("standard input: cannot read: {}", std::strerror(errno));
    }
  }
}

Generation generation_of(const Options& options) {
  Generation generation = options.generation;
  if (generation.prompt == "-") generation.prompt = read_standard_input();
  return generation;
}

// A line of its own: the text has an end.
int sample_line(const Model& model, const Options& options, const Given& given) {
  Generation generation = generation_of(options);
  // The end of a line of a file, or of what a program writes.
  while (generation.prompt.ends_with('\n') || generation.prompt.ends_with('\r')) generation.prompt.pop_back();
  if (!given.has("length")) generation.length = kMostOfLine;
  model.generate(generation, write_out, options.condition);
  write_out("\n");
  return kDone;
}

int sample(const Options& options, const Given& given) {
  const Model model = Model::load(options.model);
  if (std::holds_alternative<DrawSpec>(head_spec(model))) {
    refuse_for_pictures(given, options.model);
    for (const auto& [flag, file] : {std::pair("--out", options.pictures.out), {"--canvas", options.pictures.canvas}}) {
      check_other_file(flag, file, options.model);
    }
    return sample_pictures(model, options.pictures, options.generation.seed);
  }
  refuse_pictures(given, model.task());
  if (given.has("condition") && model.options().as<ConditionedOptions>() == nullptr) {
    fail("--condition: {} was not trained with recur train lm --conditioned; leave it out", options.model);
  }
  if (model.options().as<LanguageModelOptions>() == nullptr) return sample_line(model, options, given);
  const Generation generation = generation_of(options);
  bool line_ended = false;
  model.generate(generation, [&](std::string_view piece) {
    write_out(piece);
    line_ended = piece.ends_with('\n');
  });
  if (output_is_terminal() && !line_ended) write_out("\n");
  return kDone;
}

}  // namespace

Command sample_command() {
  const auto options = std::make_shared<Options>();
  Generation& g = options->generation;
  Command command{"sample", kDescription, kExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list.group("Text");
  list.text("prompt", g.prompt, "TEXT", "What the text begins with; - is standard input");
  list.text("condition", options->condition, "LABEL",
            "What to write, one of the labels of a model trained with --conditioned");
  list.count(
      "length", g.length, {},
      "Tokens to write: characters, bytes or words, as the model has them; of a line the most, 10,000 if not told");
  list.text("stop", g.stop, "TEXT", "End before this text comes");
  list.group("Choice of the next token");
  list.real("temperature", g.sampling.temperature, kNotNegative,
            "Below 1 plays safe, above 1 takes risks; 0 takes the most likely");
  list.count("top-k", g.sampling.top_k, {}, "Only of the N most likely; 0: of all");
  list.real("top-p", g.sampling.top_p, kProbability, "Only of the most likely that together have this probability");
  list.count("seed", g.seed, {}, "Of the random numbers");
  list_pictures(list, options->pictures);
  list_threads(list);
  command.run = [options](const Given& given) { return sample(*options, given); };
  return command;
}

}  // namespace recur
