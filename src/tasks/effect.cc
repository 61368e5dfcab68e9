// The task effect: sound to sound, sample by sample.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, EffectOptions& o) {
  list.group("Sound");
  list.count("sample-rate", o.sample_rate, {1000, 384'000}, "Samples a second; sounds of another rate are resampled");
  list.count("warm-up", o.warm_up, {0, 1'000'000'000}, "Samples at the beginning of a recording that are not judged");
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
  return r;
}

TaskHelp effect_help() {
  TaskHelp help{
      "effect", "sample",
      "Train an audio effect: sound to sound, sample by sample\n"
      "\n"
      "Records are lines of input<TAB>output, paths of recordings of the same length (WAV, FLAC, Ogg), beginning\n"
      "at the folder of the data. Validation goes by the error-to-signal ratio after a filter that ears have,\n"
      "too (--emphasis). Prints one JSON object on standard output: best_loss, epoch, steps, seconds, reason,\n"
      "model. `recur predict MODEL --data in.wav --out out.wav` plays it.",
      "Examples:\n"
      "  recur train effect --data amplifier.tsv --out amplifier.safetensors\n"
      "  recur predict amplifier.safetensors --data dry.wav --out wet.wav"};
  help.nats = false;
  help.training.batch = 32;
  help.training.unroll = 2048;
  help.training.epochs = 100;
  help.training.schedule.learning_rate = 5e-3F;
  return help;
}

}  // namespace recur
