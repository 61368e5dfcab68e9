// The task strokes: handwriting and sketches, step by step of a pen.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, StrokesOptions& o) {
  list_options(list, o.network);
  list.count("components", o.components, {1, 1000}, "Normal distributions that are mixed in what comes next");
}

Recipe recipe(const StrokesOptions& o) {
  Recipe r{.network = o.network, .head = NextStrokeSpec{"strokes", o.components}};
  r.fields = {{"strokes", StrokesSpec{}}};
  r.input = {PreviousSpec{"strokes"}};
  return r;
}

TaskHelp strokes_help() {
  TaskHelp help{
      "strokes", "step",
      "Train a model of handwriting or sketches: where the pen goes next\n"
      "\n"
      "Drawings are lines of JSON, {\"strokes\": [[3, 0, 0], [2, -4, 1], [5, 5, 0]]}: of each step how far the pen\n"
      "goes, right and down, and 1 where it is lifted afterwards, so that the next line is not drawn; or arrays\n"
      "(.npy, .npz) of [drawings, steps, 3]. At each step the model says how probable every place is that the pen\n"
      "may go to, and whether it then draws on, is lifted, or the drawing ends. Prints one JSON object on\n"
      "standard output: best_loss (-log density, in nats a step), epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train strokes --data train.jsonl --valid valid.jsonl --out hand.safetensors\n"
      "  recur sample hand.safetensors --n 12 --temperature 0.5 --out hand.svg"};
  help.training.batch = 32;
  help.training.epochs = 30;
  help.training.schedule.learning_rate = 3e-3F;
  return help;
}

}  // namespace recur
