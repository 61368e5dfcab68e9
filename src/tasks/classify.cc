// The task classify: many to one.
#include "base/error.h"
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, ClassifyOptions& o) {
  list.group("Task");
  list.choice("labels", o.labels, "several: a record has any number of labels, or none; commas stand between them");
  list_sequence(list, o);
  list_embedding(list, o.embedding, o.embedding_dropout, kEmbeddingHelp);
  list_vectors(list, o.vectors);
  list.group("Network");
  list.choice("pooling", o.pooling, "How a sequence's outputs become one vector");
  list.group("Batches and gradients");
  list.text("class-weights", o.class_weights, "WEIGHTS",
            "Weights in the loss: balanced, or label=weight with commas between");
  constexpr Reals kFocus = {"a number from 0 to 100", [](double x) { return x >= 0 && x <= 100; }};
  list.real("focal", o.focal, kFocus,
            "The loss is multiplied by (1 - p)^X, p the probability of what is right; 0: not");
}

Recipe recipe(const ClassifyOptions& o, InputKind kind) {
  const bool several = o.labels == LabelCount::several;
  if (several && !o.class_weights.empty()) {
    fail("--class-weights: with --labels several each label is learned for itself; leave it out, or see --focal");
  }
  Recipe r{.network = o.network};
  if (several) {
    r.head = LabelsHeadSpec{"labels", o.pooling, o.focal};
    r.fields = {{"labels", LabelsSpec{}, true}};
  } else {
    r.head = LabelHeadSpec{"label", o.pooling, o.class_weights, "", o.focal};
    r.fields = {{"label", LabelSpec{}, true}};
  }
  add_sequence(r, o, kind);
  return r;
}

TaskHelp classify_help() {
  return {
      "classify", "record",
      "Train a classifier: it learns to give a text, or a sequence of vectors, a label, or any number of them\n"
      "\n"
      "Records are lines of label<TAB>text, or of JSON: {\"label\": \"a\", \"sequence\": [[0.5, 1], [0.25, 2]]};\n"
      "or in another format (--format). With --labels several: labels<TAB>text, the labels with commas between, or\n"
      "{\"labels\": [\"a\", \"b\"], ..}.\n"
      "Validation goes by accuracy, of several labels by micro F1. Prints one JSON object on standard output:\n"
      "best_loss (nats a record), best_accuracy or best_micro_f1, epoch, steps, seconds, reason, model.",
      "Examples:\n"
      "  recur train classify --data questions.tsv --out questions.safetensors\n"
      "  recur train classify --data reviews.csv --columns text=review,label=stars\n"
      "  recur train classify --data reviews.tsv --tokenizer token --lowercase --min-count 3 --max-length 400\n"
      "  recur train classify --data reviews.tsv --init-from language.safetensors --freeze-epochs 1\n"
      "  recur train classify --data films.tsv --labels several --out genres.safetensors\n"
      "  recur predict questions.safetensors --data new.tsv"};
}

}  // namespace recur
