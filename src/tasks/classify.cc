// The task classify: many to one.
#include "tasks/recipe_options.h"
#include "tasks/recipes.h"

namespace recur {

void list_options(OptionList& list, ClassifyOptions& o) {
  list_sequence(list, o);
  list_embedding(list, o.embedding, o.embedding_dropout, kEmbeddingHelp);
  list_vectors(list, o.vectors);
  list.group("Network");
  list.choice("pooling", o.pooling, "How a sequence's outputs become one vector");
  list.group("Batches and gradients");
  list.text("class-weights", o.class_weights, "WEIGHTS",
            "Weights in the loss: balanced, or label=weight with commas between");
  list.group("Start");
  list.text("init-from", o.init_from, "MODEL",
            "A language model whose vocabulary, embedding and layers this one starts from");
  list.count("freeze-epochs", o.freeze_epochs, {}, "Epochs in which these are not trained");
}

Recipe recipe(const ClassifyOptions& o, InputKind kind) {
  Recipe r{.network = o.network, .head = LabelHeadSpec{"label", o.pooling, o.class_weights}};
  r.init_from = o.init_from;
  r.freeze_epochs = o.freeze_epochs;
  r.fields = {{"label", LabelSpec{}, true}};
  add_sequence(r, o, kind);
  return r;
}

TaskHelp classify_help() {
  return {"classify", "record",
          "Train a classifier: it learns to give a text, or a sequence of vectors, one of several labels\n"
          "\n"
          "Records are lines of label<TAB>text, or of JSON: {\"label\": \"a\", \"sequence\": [[0.5, 1], [0.25, 2]]};\n"
          "or in another format (--format).\n"
          "Validation goes by accuracy. Prints one JSON object on standard output: best_loss (nats a record),\n"
          "best_accuracy, epoch, steps, seconds, reason, model.",
          "Examples:\n"
          "  recur train classify --data questions.tsv --out questions.safetensors\n"
          "  recur train classify --data reviews.csv --columns text=review,label=stars\n"
          "  recur train classify --data reviews.tsv --tokenizer token --lowercase --min-count 3 --max-length 400\n"
          "  recur train classify --data reviews.tsv --init-from language.safetensors --freeze-epochs 1\n"
          "  recur predict questions.safetensors --data new.tsv"};
}

}  // namespace recur
