// The task effect: sound to sound, sample by sample.
#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parse.h"
#include "base/show.h"
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {
namespace {

std::vector<std::string> knobs_of(const EffectOptions& o) {
  std::vector<std::string> knobs = parse_names(o.knobs, "knobs");
  for (const std::string& name : knobs) {
    if (name == "input" || name == "output") fail("--knobs: {} is a sound; give the knob another name", quote(name));
    if (name.find('=') != name.npos) fail("--knobs: expected names without =, got {}", quote(name));
    if (std::ranges::count(knobs, name) > 1) fail("--knobs: {} is there twice", quote(name));
  }
  return knobs;
}

}  // namespace

void list_options(OptionList& list, EffectOptions& o) {
  list.group("Sound");
  list.count("sample-rate", o.sample_rate, {1000, 384'000}, "Samples a second; sounds of another rate are resampled");
  list.count("warm-up", o.warm_up, {0, 1'000'000'000}, "Samples at the beginning of a recording that are not judged");
  list.text("knobs", o.knobs, "NAMES",
            "Columns behind the output, with commas between, that say where the knobs of the device stood");
  list_options(list, o.network);
  list.group("Network");
  list.flag("residual", o.residual, "The difference to the input is predicted; --residual=false: all of the output");
  list.group("Batches and gradients");
  list.real("emphasis", o.emphasis, kShare,
            "Of high frequencies in the loss: x(t) - X x(t - 1) is compared; 0: all count alike");
}

Recipe recipe(const EffectOptions& o) {
  Recipe r{
      .network = o.network, .head = SignalSpec{"output", "input", o.emphasis, o.warm_up, o.residual}, .windows = true};
  const SoundOptions sound{.features = Features::samples, .sample_rate = o.sample_rate};
  r.fields = {{"input", NumbersSpec{.sound = sound}}, {"output", NumbersSpec{.sound = sound}, true}};
  r.input = {NumbersInputSpec{"input"}};
  const std::vector<std::string> knobs = knobs_of(o);
  for (const std::string& name : knobs) r.fields.push_back({name, KnobSpec{}});
  if (!knobs.empty()) r.input.emplace_back(KnobsSpec{knobs, "input"});
  return r;
}

TaskHelp effect_help() {
  TaskHelp help{
      "effect", "sample",
      "Train an audio effect: sound to sound, sample by sample\n"
      "\n"
      "Records are lines of input<TAB>output, paths of recordings of the same length (WAV, FLAC, Ogg), beginning\n"
      "at the folder of the data; behind them, with tabs between, where the knobs of the device stood, which\n"
      "--knobs names. Validation goes by the error-to-signal ratio after a filter that ears have, too\n"
      "(--emphasis). Prints one JSON object on standard output: best_loss, epoch, steps, seconds, reason, model.\n"
      "`recur predict MODEL --data in.wav --out out.wav` plays it, with --knob gain=0.7 for each knob.",
      "Examples:\n"
      "  recur train effect --data amplifier.tsv --out amplifier.safetensors\n"
      "  recur predict amplifier.safetensors --data dry.wav --out wet.wav\n"
      "  recur train effect --data settings.tsv --knobs gain,tone --out amplifier.safetensors\n"
      "  recur predict amplifier.safetensors --data dry.wav --knob gain=0.7 --knob tone=0.2 --out wet.wav"};
  help.nats = false;
  help.training.batch = 32;
  help.training.unroll = 2048;
  help.training.epochs = 100;
  help.training.schedule.learning_rate = 5e-3F;
  return help;
}

}  // namespace recur
