// The task chords: polyphonic music, step by step.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, ChordsOptions& o) { list_options(list, o.network); }

Recipe recipe(const ChordsOptions& o) {
  Recipe r{.network = o.network, .head = NextNotesSpec{"notes"}};
  r.fields = {{"notes", NotesSpec{}}};
  r.input = {PreviousSpec{"notes"}};
  return r;
}

TaskHelp chords_help() {
  TaskHelp help{
      "chords", "step",
      "Train a model of music: which notes sound next\n"
      "\n"
      "Pieces are lines of JSON, {\"notes\": [[60, 64, 67], [60], []]}: for each step a list of the notes that\n"
      "sound, numbered as in MIDI, from 21 to 108, the keys of a piano; or piano rolls (.npy, .npz) of\n"
      "[pieces, steps, 128]. At each step the model says of every key how probable it is that it sounds, given\n"
      "all steps before. Prints one JSON object on standard output: best_loss (-log probability, in nats a\n"
      "step), epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train chords --data train.jsonl --valid valid.jsonl --out chorales.safetensors\n"
      "  recur sample chorales.safetensors --length 64 --midi chorale.mid --page chorale.html"};
  // Sets of music are small: many short epochs.
  help.training.batch = 5;
  help.training.epochs = 60;
  help.training.schedule.learning_rate = 5e-3F;
  return help;
}

}  // namespace recur
