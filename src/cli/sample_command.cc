// recur sample: a model writes, or draws.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/decode_options.h"
#include "cli/sample_interactive.h"
#include "cli/sample_music.h"
#include "cli/sample_pictures.h"
#include "cli/sample_strokes.h"
#include "cli/terminal.h"
#include "recur/model.h"
#include "recur/types/recipe.h"
#include "tasks/network.h"

namespace recur {
namespace {

constexpr const char* kSampleDescription =
    "Let a model write: it continues the prompt, token by token; or draw\n"
    "\n"
    "The text, prompt first, streams to standard output. The same seed gives the same text. A model that was trained\n"
    "with --lines writes one, with --conditioned one for a label, and ends it itself. With --n it writes several\n"
    "together: text i is the one of --seed + i - 1. Lines come one a line; between texts that may have line ends\n"
    "stands a line with a form feed (\\f), which few texts have. With --interactive it reads a line of standard\n"
    "input and goes on with it to the end of a line, or to --stop or --length, and so on until the input ends; what\n"
    "both wrote it has read. One of --lines finishes each line as one of its own.\n"
    "One of the task draw draws pictures, which go into files (PNG): as they are in the end, side by side, and how\n"
    "they came about. One of chords writes a piece, a line of JSON as it was trained on; --midi and --page make a "
    "file\n"
    "of it that sounds, and of a tune in ABC notation that a model of texts has written. One of strokes draws with a\n"
    "pen: a line of JSON a drawing, or --out, a picture of all (SVG).";
constexpr const char* kSampleExamples =
    "Examples:\n"
    "  recur sample book.safetensors --length 1000\n"
    "  recur sample book.safetensors --prompt \"In the beginning\" --temperature 0.7 --seed 7\n"
    "  recur sample book.safetensors --prompt - --stop \".\" < prompt.txt\n"
    "  recur sample book.safetensors --interactive --temperature 0.7\n"
    "  recur sample names.safetensors --n 20\n"
    "  recur sample tunes.safetensors --condition jig\n"
    "  recur sample digits.safetensors --n 64 --out grid.png --canvas steps.png\n"
    "  recur sample chorales.safetensors --length 64 --midi chorale.mid --page chorale.html\n"
    "  recur sample hand.safetensors --n 12 --temperature 0.5 --out hand.svg";

constexpr std::size_t kMostOfLine = 10'000;  // tokens, if not told

constexpr const char *kTextGroup = "Text", *kChoiceGroup = "Choice of the next token";

constexpr Reals kPenalty = {"a number from 1 to 100", [](double x) { return x >= 1 && x <= 100; }};

struct SampleArguments {
  std::string model, condition;
  std::size_t count = 1;
  bool interactive = false;
  Generation generation;
  PictureOptions pictures;
  MusicOptions music;
};

Generation generation_of(const SampleArguments& options) {
  Generation generation = options.generation;
  if (generation.prompt == "-") {
    const InputFile file("-");
    generation.prompt.resize(file.size());
    file.read(0, generation.prompt);
    if (generation.prompt.starts_with(kByteOrderMark)) generation.prompt.erase(0, kByteOrderMark.size());
  }
  return generation;
}

// Whether a text that it writes may have one.
bool writes(const Model& model, char character) {
  for (std::size_t token = 0; token < model.vocabulary(); ++token) {
    if (model.decode(static_cast<int>(token)).find(character) != std::string::npos) return true;
  }
  return false;
}

// Where it stands between texts that may have it, too.
void warn_of_form_feeds(const Model& model, const SampleArguments& options) {
  const auto is_form_feed = [](const std::string& token) { return token == "\f" || token == "\\x0c"; };
  if (!writes(model, '\f') || std::ranges::any_of(options.generation.banned, is_form_feed)) return;
  complain(fmt::format("{}: writes form feeds of its own, besides those between texts; --ban '\\x0c' leaves them out",
                       options.model));
}

void write_several(const Model& model, const Generation& generation, const SampleArguments& options, bool apart) {
  bool first = true;
  if (apart) warn_of_form_feeds(model, options);
  const auto write = [&](const std::string& text) {
    if (apart && !first) write_out(kBetweenTexts);
    first = false;
    write_out(apart && text.ends_with('\n') ? text : text + "\n");
  };
  model.generate(generation, options.count, write, options.condition);
}

// Lines of their own: texts have ends.
int sample_lines(const Model& model, const SampleArguments& options) {
  Generation generation = generation_of(options);
  // The end of a line of a file, or of what a program writes.
  while (generation.prompt.ends_with('\n') || generation.prompt.ends_with('\r')) generation.prompt.pop_back();
  if (options.count > 1) {
    write_several(model, generation, options, writes(model, '\n'));
    return kDone;
  }
  std::string text;
  model.generate(
      generation,
      [&](std::string_view piece) {
        write_out(piece);
        text += piece;
      },
      options.condition);
  write_out("\n");
  if (options.music.wanted()) write_tune(text, options.music);
  return kDone;
}

int sample_texts(const Model& model, const SampleArguments& options) {
  const Generation generation = generation_of(options);
  if (options.count == 1) {
    std::string text;  // all of it, or the last piece
    model.generate(generation, [&](std::string_view piece) {
      write_out(piece);
      if (!options.music.wanted()) text.clear();
      text += piece;
    });
    if (output_is_terminal() && !text.ends_with('\n')) write_out("\n");
    if (options.music.wanted()) write_tune(text, options.music);
    return kDone;
  }
  write_several(model, generation, options, true);
  return kDone;
}

// Throws Error for a flag that has no use beside others, or without them.
void check_flags(const SampleArguments& options, const Given& given) {
  for (const char* flag : {"prompt", "n"}) {
    if (options.interactive && given.has(flag)) fail("--{}: does not go with --interactive, which reads lines", flag);
  }
  if (given.has("repetition-window") && !given.has("repetition-penalty")) {
    fail("--repetition-window: only goes with --repetition-penalty; give that, or leave it out");
  }
  if (options.music.wanted() && (options.count > 1 || options.interactive)) {
    fail("--{}: makes a file of one tune; leave --{} out", options.music.midi.empty() ? "page" : "midi",
         options.interactive ? "interactive" : "n");
  }
}

// The same of one that is about another kind of model.
void check_kind(const OptionList& list, const Given& given, const Model& model, const std::string& file) {
  const HeadSpec head = head_spec(model);
  if (std::holds_alternative<DrawSpec>(head)) {
    refuse_groups(list, given, {kTextGroup, kChoiceGroup}, {"n", "seed"},
                  fmt::format("{} draws pictures and writes no text; leave it out", file));
    refuse_groups(list, given, {kMusicGroup}, {},
                  fmt::format("only a model that writes music has a use for it; this one's task is {}", model.task()));
  } else if (std::holds_alternative<NextNotesSpec>(head)) {
    refuse_groups(list, given, {kTextGroup, kChoiceGroup, kPicturesGroup}, {"length", "temperature", "seed"},
                  fmt::format("{} writes chords; leave it out", file));
  } else if (std::holds_alternative<NextStrokeSpec>(head)) {
    refuse_groups(list, given, {kTextGroup, kChoiceGroup, kPicturesGroup, kMusicGroup},
                  {"n", "length", "temperature", "seed", "out"}, fmt::format("{} draws strokes; leave it out", file));
  } else {
    refuse_groups(list, given, {kPicturesGroup}, {},
                  fmt::format("only a model that draws has a use for it; this one's task is {}", model.task()));
  }
}

int sample(SampleArguments& options, const OptionList& list, const Given& given) {
  const Model model = Model::load(options.model);
  check_kind(list, given, model, options.model);
  if (std::holds_alternative<DrawSpec>(head_spec(model))) {
    for (const auto& [flag, file] : {std::pair("--out", options.pictures.out), {"--canvas", options.pictures.canvas}}) {
      check_other_file(flag, file, {options.model});
    }
    if (given.has("n")) options.pictures.count = options.count;
    return sample_pictures(model, options.pictures, options.generation.seed);
  }
  if (std::holds_alternative<NextStrokeSpec>(head_spec(model))) {
    check_other_file("--out", options.pictures.out, {options.model});
    Sketching how{.count = options.count,
                  .temperature = options.generation.sampling.temperature,
                  .seed = options.generation.seed};
    if (given.has("length")) how.length = options.generation.length;
    return sample_strokes(model, how, options.pictures.out);
  }
  const bool chords = std::holds_alternative<NextNotesSpec>(head_spec(model));
  check_music(given, options.music, chords);
  for (const auto& [flag, file] : {std::pair("--midi", options.music.midi), {"--page", options.music.page}}) {
    check_other_file(flag, file, {options.model});
  }
  if (chords) return sample_chords(model, options.music, options.generation, given);
  if (given.has("condition") && model.options().as<ConditionedOptions>() == nullptr) {
    fail("--condition: {} was not trained with recur train lm --conditioned; leave it out", options.model);
  }
  check_flags(options, given);
  const bool endless = reads_text(model.options());
  if (!endless && !given.has("length")) options.generation.length = kMostOfLine;
  if (options.interactive) {
    // A line ends what a model of one text answers, unless something else does.
    const bool line_ends = (!endless || !options.generation.stops.empty()) && writes(model, '\n');
    if (line_ends) warn_of_form_feeds(model, options);
    return sample_interactive(model, options.generation, options.condition, line_ends);
  }
  return endless ? sample_texts(model, options) : sample_lines(model, options);
}

}  // namespace

Command sample_command() {
  const auto options = std::make_shared<SampleArguments>();
  Generation& g = options->generation;
  Command command{"sample", kSampleDescription, kSampleExamples};
  OptionList& list = command.options;
  list_model(list, options->model);
  list.group(kTextGroup);
  list.text("prompt", g.prompt, "TEXT", "What the text begins with; - is standard input");
  list.text("condition", options->condition, "LABEL",
            "What to write, one of the labels of a model trained with --conditioned");
  list.count(
      "length", g.length, {},
      "Tokens to write: characters, bytes or words, as the model has them; of a line the most, 10,000 if not told");
  list.count("n", options->count, {1, 10'000}, "Texts to write together, or pictures or strokes to draw").standard =
      "1; 64 pictures";
  list.flag("interactive", options->interactive, "Go on with each line of standard input as it comes");
  list.texts("stop", g.stops, "TEXT", "End before this text comes; may be given several times");
  list.group(kChoiceGroup);
  list.real("temperature", g.sampling.temperature, kNotNegative,
            "Below 1 plays safe, above 1 takes risks; 0 takes the most likely");
  list.count("top-k", g.sampling.top_k, {}, "Only of the N most likely; 0: of all");
  list.real("top-p", g.sampling.top_p, kProbability, "Only of the most likely that together have this probability");
  list.real("min-p", g.sampling.min_p, kFraction, "Only of those at least so probable, as a share of the most likely");
  list.real(
      "repetition-penalty", g.repetition_penalty, kPenalty,
      "Divide what is positive of the logits of tokens written lately by this, multiply what is negative; 1: not");
  list.count("repetition-window", g.repetition_window, {1}, "Of so many last tokens, the prompt's among them");
  list.texts("ban", g.banned, "TOKEN", "Never write this; may be given several times");
  list.texts("only", g.allowed, "TOKEN", "Write nothing but this, and the end of a line; may be given several times");
  list.count("seed", g.seed, {}, "Of the random numbers");
  list_pictures(list, options->pictures);
  list_music(list, options->music);
  list_threads(list);
  command.run = [options, list](const Given& given) { return sample(*options, list, given); };
  return command;
}

}  // namespace recur
