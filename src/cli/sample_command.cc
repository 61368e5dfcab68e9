// recur sample: a model writes.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/terminal.h"
#include "recur/language_model.h"

namespace recur {
namespace {

constexpr const char* kDescription =
    "Let a model write: it continues the prompt, token by token\n"
    "\n"
    "The text, prompt first, streams to standard output. The same seed gives the same text.";
constexpr const char* kExamples =
    "Examples:\n"
    "  recur sample book.safetensors --length 1000\n"
    "  recur sample book.safetensors --prompt \"In the beginning\" --temperature 0.7 --seed 7\n"
    "  recur sample book.safetensors --prompt - --stop \".\" < prompt.txt";

struct Options {
  std::string model;
  Generation generation;
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

int sample(const Options& options) {
  const LanguageModel model = LanguageModel::load(options.model);
  Generation generation = options.generation;
  if (generation.prompt == "-") generation.prompt = read_standard_input();
  bool line_ended = false;
  model.generate(generation, [&](std::string_view piece) {
    write_out(piece);
    line_ended = piece.ends_with('\n');
  });
  if (output_is_terminal() && !line_ended) write_out("\n");
  return kDone;
}

}  // namespace

Command add_sample(CLI::App& program) {
  CLI::App* parser = program.add_subcommand("sample", kDescription)->footer(kExamples);
  const auto options = std::make_shared<Options>();
  Generation& g = options->generation;
  add_text(*parser, "MODEL", "FILE", options->model, "The model file")->required();
  constexpr const char* kText = "Text";
  add_text(*parser, "--prompt", "TEXT", g.prompt, "What the text begins with; - is standard input")->group(kText);
  add_count(*parser, "--length", g.length, 0, "Tokens to write: characters, bytes or words, as the model has them")
      ->group(kText);
  add_text(*parser, "--stop", "TEXT", g.stop, "End before this text comes")->group(kText);
  constexpr const char* kChoice = "Choice of the next token";
  add_real(*parser, "--temperature", g.sampling.temperature, kNotNegative,
           "Below 1 plays safe, above 1 takes risks; 0 takes the most likely")
      ->group(kChoice);
  add_count(*parser, "--top-k", g.sampling.top_k, 0, "Only of the N most likely; 0: of all")->group(kChoice);
  add_real(*parser, "--top-p", g.sampling.top_p, kProbability,
           "Only of the most likely that together have this probability")
      ->group(kChoice);
  add_count(*parser, "--seed", g.seed, 0, "Of the random numbers")->group(kChoice);
  add_threads(*parser);
  return {parser, [options] { return sample(*options); }};
}

}  // namespace recur
